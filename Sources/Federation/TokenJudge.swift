package import Crypto
package import Domain
import JOSE
package import Primitives

/// Judges tokens on one loop and remembers those whose signature it has checked, by their SHA-256.
///
/// A remembered token skips parsing and signature; every rule that depends on time, on the request or on the account is
/// applied again. What is remembered is void as soon as keys change or an identity provider is changed, and when its
/// keys want to be looked at again. Failures are never remembered.
package final class TokenJudge {
    package let keys: KeyCache
    let validator: TokenValidator
    private var slots: [Slot?] = []
    private var generation: UInt64 = .max

    private struct Slot {
        let digest: Digest32
        let facts: TokenFacts
        let provider: IdentityProviderID
        let revision: UInt64
        let until: Timestamp
    }

    private static let capacity = 4096

    package init(keys: KeyCache) {
        self.keys = keys
        validator = TokenValidator(keys: keys, verifiers: VerifierPool())
    }

    /// Forgets everything when the counter of changes to identity providers has moved.
    package func hold(for generation: UInt64) {
        guard generation != self.generation else { return }
        slots = []
        self.generation = generation
    }

    /// - Parameter digest: the SHA-256 of the token.
    package func judge(
        _ token: [UInt8], digest: Digest32, _ trust: IssuerTrust, _ expectation: TokenExpectation, at now: Timestamp
    ) -> TokenVerdict {
        switch examine(token, digest: digest, trust, expectation, at: now) {
        case .verified(let verified): .valid(verified.facts.shown(as: verified.issuer.id))
        case .rejected(let rejection): .invalid(rejection)
        case .undecided(let need): .undecided(need)
        }
    }

    /// The same, with the instant until which the judgement holds while neither keys nor trust change.
    package func verified(
        _ token: [UInt8], digest: Digest32, _ trust: IssuerTrust, _ expectation: TokenExpectation, at now: Timestamp
    ) -> LastingVerdict {
        switch examine(token, digest: digest, trust, expectation, at: now) {
        case .verified(let verified):
            .valid(verified.facts.shown(as: verified.issuer.id), until: Self.end(of: verified, at: now))
        case .rejected(let rejection): .rejected(rejection)
        case .undecided(let need): .undecided(need)
        }
    }

    private func examine(
        _ token: [UInt8], digest: Digest32, _ trust: IssuerTrust, _ expectation: TokenExpectation, at now: Timestamp
    ) -> TokenValidator.Outcome {
        let revision = keys.revision
        if let known = remembered(digest, revision, at: now),
            let outcome = examine(known, trust, expectation, at: now)
        {
            return outcome
        }
        let outcome = validator.judge(token, trust, expectation, at: now)
        if case .verified(let verified) = outcome { remember(verified, digest, revision, at: now) }
        return outcome
    }

    /// `nil` where the token must be looked at in full.
    private func examine(
        _ known: Slot, _ trust: IssuerTrust, _ expectation: TokenExpectation, at now: Timestamp
    ) -> TokenValidator.Outcome? {
        let candidates: [TrustedIssuer]
        do throws(TokenRejection) {
            candidates = try trust.candidates(
                issuer: known.facts.registered.issuer, algorithm: known.facts.algorithm,
                only: expectation.identityProvider)
        } catch { return .rejected(error) }
        guard let issuer = candidates.first(where: { $0.profile.provider == known.provider }) else { return nil }
        do throws(TokenRejection) {
            try ClaimRules.check(known.facts, issuer.profile, expectation, at: now)
            return .verified(VerifiedToken(facts: known.facts, issuer: issuer, recheckAt: known.until))
        } catch { return candidates.count == 1 ? .rejected(error) : nil }
    }

    // MARK: Memory

    private func remembered(_ digest: Digest32, _ revision: UInt64, at now: Timestamp) -> Slot? {
        guard !slots.isEmpty, let slot = slots[Self.place(digest)], slot.digest == digest, slot.revision == revision,
            now < slot.until
        else { return nil }
        return slot
    }

    private func remember(_ verified: VerifiedToken, _ digest: Digest32, _ revision: UInt64, at now: Timestamp) {
        let until = Self.end(of: verified, at: now)
        guard until > now else { return }
        if slots.isEmpty { slots = Array(repeating: nil, count: Self.capacity) }
        slots[Self.place(digest)] = Slot(
            digest: digest, facts: verified.facts, provider: verified.issuer.profile.provider, revision: revision,
            until: until)
    }

    private static func end(of verified: VerifiedToken, at now: Timestamp) -> Timestamp {
        let claims = verified.facts.registered
        let horizon = now + .seconds(366 * 86_400)
        let expiry = min(claims.expiresAt ?? now, horizon) + ClaimRules.skew
        let tooOld = min(claims.issuedAt ?? horizon, horizon) + ClaimRules.oldest
        return min(expiry, tooOld, verified.recheckAt)
    }

    private static func place(_ digest: Digest32) -> Int { Int(digest.words.3 % UInt64(capacity)) }
}

/// A verdict that is kept for a while.
package enum LastingVerdict: Sendable {
    case valid(ValidToken, until: Timestamp)
    case rejected(TokenRejection)
    case undecided(TokenNeed)
}
