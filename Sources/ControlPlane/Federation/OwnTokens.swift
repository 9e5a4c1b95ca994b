import Crypto
import Domain
import Federation
import JOSE
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
        }
    }
}
