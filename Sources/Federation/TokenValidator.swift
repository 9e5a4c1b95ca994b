package import Domain
import JOSE
import JSON
import Primitives

/// What is known about a token.
package enum TokenVerdict: Sendable {
    case valid(ValidToken)
    case invalid(TokenRejection)
    /// Cannot be told before something has happened. Then ask again.
    case undecided(TokenNeed)
}

/// What a verdict waits for.
package enum TokenNeed: Sendable {
    case keys(PendingKeys)
    /// A provider without an issuer has its first good token: its issuer is to be remembered.
    case issuer(String, of: IdentityProviderID)
}

/// A token that passed every rule.
struct VerifiedToken {
    let facts: TokenFacts
    let issuer: TrustedIssuer
    /// Its keys want to be looked at again from here on.
    let recheckAt: Timestamp
}

/// Judges one token: the rules of contract 40 §10 in their order. A function of token, trust, expectation, keys and
/// time.
struct TokenValidator {
    let keys: KeyCache
    let verifiers: VerifierPool

    enum Outcome {
        case verified(VerifiedToken)
        case rejected(TokenRejection)
        case undecided(TokenNeed)
    }

    func judge(
        _ token: [UInt8], _ trust: IssuerTrust, _ expectation: TokenExpectation, at now: Timestamp
    ) -> Outcome {
        let opened: CompactJWS
        let algorithm: JWSAlgorithm
        let candidates: [TrustedIssuer]
        do throws(TokenRejection) {
            (opened, algorithm) = try Self.open(token)
            candidates = try trust.candidates(
                issuer: opened.registered.issuer, algorithm: algorithm, only: expectation.identityProvider)
        } catch { return .rejected(error) }
        // Several providers may share an issuer, such as two clients of one: the token has to satisfy one of them.
        var need: TokenNeed?
        var rejection: TokenRejection?
        for candidate in candidates {
            switch judge(opened, algorithm, candidate, expectation, at: now) {
            case .verified(let verified): return .verified(verified)
            case .undecided(let found): need = need ?? found
            case .rejected(let found):
                if rejection.map({ $0.reason.position < found.reason.position }) ?? true { rejection = found }
            }
        }
        if let need { return .undecided(need) }
        return .rejected(rejection ?? TokenRejection(.unknownIssuer, "no identity provider is the issuer"))
    }

    /// Rules 1 to 7, as far as they need no issuer.
    static func open(_ token: [UInt8]) throws(TokenRejection) -> (CompactJWS, JWSAlgorithm) {
        let opened: CompactJWS
        do throws(JOSEError) {
            opened = try CompactJWS.parse(token)
        } catch {
            throw TokenRejection(TokenReason(error), Self.sentence(error))
        }
        guard let name = opened.algorithmName else { throw TokenRejection(.unsupportedAlgorithm, "alg is absent") }
        guard let algorithm = JWSAlgorithm(rawValue: name) else {
            throw TokenRejection(.unsupportedAlgorithm, "alg is not an asymmetric signature algorithm")
        }
        return (opened, algorithm)
    }

    private func judge(
        _ token: CompactJWS, _ algorithm: JWSAlgorithm, _ issuer: TrustedIssuer, _ expectation: TokenExpectation,
        at now: Timestamp
    ) -> Outcome {
        let profile = issuer.profile
        let held: HeldKeys
        switch keys.lookup(profile.keys, of: profile.provider, at: now) {
        case .found(let found): held = found
        case .waiting(let pending): return .undecided(.keys(pending))
        case .unreachable(let why):
            return .rejected(TokenRejection(.idpUnreachable, "the keys cannot be fetched: \(why)"))
        }
        let name = token.registered.issuer ?? ""
        if profile.issuer == nil, let discovered = held.discoveredIssuer, !discovered.hasSameBytes(as: name) {
            return .rejected(
                TokenRejection(.unknownIssuer, "the discovery document of the identity provider names another issuer"))
        }
        if let keyID = token.keyID, !held.keys.keys.contains(where: { $0.keyID?.hasSameBytes(as: keyID) ?? false }),
            let pending = keys.refresh(profile.keys, of: profile.provider, forKeyID: keyID, at: now)
        {
            return .undecided(.keys(pending))
        }
        do throws(TokenRejection) {
            try checkSignature(of: token, algorithm, held.keys)
            let facts = TokenFacts(token, algorithm, for: profile)
            try ClaimRules.check(facts, profile, expectation, at: now)
            if profile.issuer == nil { return .undecided(.issuer(name, of: profile.provider)) }
            return .verified(VerifiedToken(facts: facts, issuer: issuer, recheckAt: held.recheckAt))
        } catch { return .rejected(error) }
    }

    /// Rules 11 to 13.
    func checkSignature(
        of token: CompactJWS, _ algorithm: JWSAlgorithm, _ keys: JWKSet
    ) throws(TokenRejection) {
        let key: JWK
        switch keys.select(keyID: token.keyID, for: algorithm) {
        case .key(let found): key = found
        case .unknown:
            throw TokenRejection(
                .unknownKey,
                token.keyID == nil ? "kid is absent and not exactly one key fits" : "no single key has this kid")
        case .unusable(let problem): throw TokenRejection(problem)
        }
        let isGood: Bool
        do throws(KeyProblem) {
            isGood = token.verify(with: try verifiers.verifier(key, for: algorithm))
        } catch { throw TokenRejection(error) }
        guard isGood else { throw TokenRejection(.badSignature, "the signature is not that of the key") }
    }

    private static func sentence(_ error: JOSEError) -> String {
        switch error {
        case .tooLarge: "the token, its header, its payload or the number or depth of its members is beyond the limits"
        case .encrypted: "the token is encrypted"
        case .malformed: "the token is not three base64url segments of JSON objects with claims of their types"
        case .duplicateKey: "a member name is repeated"
        case .unsupportedCritical: "crit is present, or the payload is not encoded"
        case .wrongType: "typ is not JWT"
        }
    }
}

extension TokenReason {
    init(_ error: JOSEError) {
        self =
            switch error {
            case .tooLarge: .tooLarge
            case .encrypted: .encrypted
            case .malformed: .malformed
            case .duplicateKey: .duplicateKey
            case .unsupportedCritical: .unsupportedCritical
            case .wrongType: .wrongType
            }
    }
}

extension TokenRejection {
    init(_ problem: KeyProblem) {
        self =
            switch problem {
            case .weakKey: TokenRejection(.weakKey, "the key is too weak, or not on the curve of alg")
            case .wrongKeyType: TokenRejection(.badSignature, "the key is of another type than alg needs")
            case .wrongUse: TokenRejection(.badSignature, "the key is not meant for signatures")
            case .wrongOperations: TokenRejection(.badSignature, "the key is not meant for verifying")
            case .wrongAlgorithm: TokenRejection(.badSignature, "the key is meant for another alg")
            }
    }
}
