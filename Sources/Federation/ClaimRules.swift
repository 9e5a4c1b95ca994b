import Domain
import JOSE
import JSON
import Primitives

/// The rules about what a token says, once its signature is known to be good: 14 to 22 of contract 40 §10.
///
/// Cheap, and run again for every request, also for a token that was verified before.
enum ClaimRules {
    /// What clocks may differ by.
    static let skew = Duration.seconds(60)
    static let oldest = Duration.seconds(31 * 86_400)

    /// - Throws: the first rule that is broken.
    static func check(
        _ facts: TokenFacts, _ profile: VerificationProfile, _ expectation: TokenExpectation, at now: Timestamp
    ) throws(TokenRejection) {
        let claims = facts.registered
        try checkTimes(claims, maxAge: expectation.maxAge, at: now)
        try checkAudience(claims, expectation.audience ?? profile.clientID.map { [$0] } ?? [])
        try checkAuthorizedParty(claims, profile.clientID)
        try checkNonce(claims, expectation.nonce)
        guard let subject = claims.subject, !subject.isEmpty, subject.utf8.count <= 255 else {
            throw TokenRejection(.missingSubject, "sub is absent, empty or longer than 255 bytes")
        }
        guard facts.email != nil else { throw TokenRejection(.emailMissing, "the configured claim holds no address") }
        guard facts.emailVerified != .unverified else {
            throw TokenRejection(.emailUnverified, "email_verified is not true")
        }
        try checkTenant(facts.tenant, profile.tenant)
    }

    static func checkTimes(
        _ claims: RegisteredClaims, maxAge: Duration?, at now: Timestamp
    ) throws(TokenRejection) {
        guard let expiry = claims.expiresAt else { throw TokenRejection(.expired, "exp is absent or no number") }
        guard expiry > now - skew else { throw TokenRejection(.expired, "exp was \(distance(expiry, now)) s ago") }
        for (name, instant) in [("nbf", claims.notBefore), ("iat", claims.issuedAt)] {
            if let instant, instant > now + skew {
                throw TokenRejection(.notYetValid, "\(name) is \(distance(now, instant)) s ahead")
            }
        }
        if let maxAge {
            guard let signedIn = claims.authenticatedAt else {
                throw TokenRejection(.tooOld, "max_age was asked for and auth_time is absent")
            }
            guard signedIn >= now - maxAge else {
                throw TokenRejection(.tooOld, "auth_time was \(distance(signedIn, now)) s ago")
            }
        }
        if let issued = claims.issuedAt, issued < now - oldest {
            throw TokenRejection(.tooOld, "iat was more than 31 days ago")
        }
    }

    private static func checkAudience(_ claims: RegisteredClaims, _ expected: [String]) throws(TokenRejection) {
        guard claims.audience.contains(where: { one in expected.contains { $0.hasSameBytes(as: one) } }) else {
            throw TokenRejection(.wrongAudience, "aud holds no expected value")
        }
    }

    private static func checkAuthorizedParty(_ claims: RegisteredClaims, _ clientID: String?) throws(TokenRejection) {
        if let party = claims.authorizedParty {
            guard let clientID, party.hasSameBytes(as: clientID) else {
                throw TokenRejection(.wrongAuthorizedParty, "azp is not the client id of the identity provider")
            }
        } else if claims.audience.count > 1 {
            throw TokenRejection(.wrongAuthorizedParty, "aud has several values and azp is absent")
        }
    }

    static func checkNonce(_ claims: RegisteredClaims, _ expected: String?) throws(TokenRejection) {
        guard let expected else { return }
        guard let nonce = claims.nonce, constantTimeEqual(Array(nonce.utf8), Array(expected.utf8)) else {
            throw TokenRejection(.wrongNonce, "nonce is absent or another one")
        }
    }

    private static func checkTenant(_ tenant: String?, _ rule: TenantRule?) throws(TokenRejection) {
        switch rule {
        case nil: return
        case .hostedDomain(let domain):
            guard let tenant, tenant.hasSameBytes(as: domain) else {
                throw TokenRejection(.wrongTenant, "hd is not the configured apps_domain")
            }
        case .directory(let directory):
            guard let tenant, tenant.hasSameBytes(as: directory) else {
                throw TokenRejection(.wrongTenant, "tid is not the configured directory_id")
            }
        }
    }

    /// Whole seconds from one instant to a later one; instants may lie at the ends of time.
    private static func distance(_ earlier: Timestamp, _ later: Timestamp) -> Int64 {
        let (difference, overflow) = later.microseconds.subtractingReportingOverflow(earlier.microseconds)
        return overflow ? .max / 1_000_000 : difference / 1_000_000
    }
}
