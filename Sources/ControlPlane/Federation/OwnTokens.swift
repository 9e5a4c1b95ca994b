import Crypto
import Domain
import Federation
import JOSE
import JSON
import Primitives
import Store

extension TokenDesk {
    /// Judges a token whose issuer may be the team of the account itself (contract 40 §4): its keys are the account's
    /// own, its audience one of the account's applications.
    ///
    /// - Returns: `nil` when the account is not the issuer.
    func ownVerdict(
        on token: [UInt8], _ expectation: TokenExpectation, for account: AccountID, in reader: any Reading,
        settings: Settings, at now: Timestamp
    ) throws(Failure) -> TokenVerdict? {
        guard expectation.identityProvider == nil, let team = try reader.team(of: account) else { return nil }
        return try judge.ownVerdict(on: token, issuer: settings.teamOrigin(team), expectation, at: now) {
            () throws(Failure) in
            JWKSet(
                try reader.verifyingKeys(of: account, at: now).compactMap { key in
                    guard let publicKey = try? PublicKey(spki: key.publicDER) else { return nil }
                    return JWK(publicKey, keyID: key.id.hex, algorithm: .rs256)
                })
        } isAudience: { (audience) throws(Failure) in
            guard let audience = Audience(hex: audience) else { return false }
            return try reader.hasApplication(audience, in: account)
        } isLive: { (claims) throws(Failure) in
            try isLive(token, claims, for: account, in: reader, at: now)
        }
    }

    /// A person's token lives as long as its row does. A service token's may be made for one request and has no row of its
    /// own then: it lives as long as the service token that it names.
    private func isLive(
        _ token: [UInt8], _ claims: JSONObject, for account: AccountID, in reader: any Reading, at now: Timestamp
    ) throws(Failure) -> Bool {
        if let name = claims["common_name"]?.stringValue, !name.isEmpty {
            guard name.hasSuffix(".access"), let client = ServiceTokenClientID(hex: name.dropLast(7)) else {
                return false
            }
            guard let machine = try reader.liveServiceToken(client, in: account), machine.isEnabled else {
                return false
            }
            return machine.expiresAt.map { now < $0 } ?? true
        }
        let digest = SHA256.hash(token).bytes
        if let (grant, _) = try reader.oidcGrant(accessToken: digest, in: account, at: now) {
            guard let logins = try reader.teamSettings(of: account)?.logins else { return false }
            return logins.accepts(grant.provider, email: grant.email)
        }
        guard let held = try reader.applicationToken(digest, at: now),
            case .person(let session) = held.holder, session.account == account,
            let logins = try reader.teamSettings(of: account)?.logins
        else { return false }
        return logins.accepts(session.provider, email: session.email)
    }
}
