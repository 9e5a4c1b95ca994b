import Crypto
import Domain
import Primitives
import Store

/// A service token whose secret was right, and what its next use is compared with.
struct KnownMachine {
    let id: ServiceTokenID
    let name: String
    let secret: Digest32
    /// When this secret stops being good; `nil` for never.
    let end: Timestamp?

    func isGood(_ presented: Digest32, at now: Timestamp) -> Bool {
        presented == secret && (end.map { now < $0 } ?? true)
    }
}

extension LiveServiceToken {
    /// Whether a secret with this SHA-256 is the current one, or the one before it while its grace lasts.
    func check(_ presented: Digest32, at now: Timestamp) -> Result<KnownMachine, ServiceTokenFault> {
        // The secret first: what is wrong with a token is told to its owner's log only.
        let isCurrent = constantTimeEqual(secrets.current, presented.bytes)
        let previousEnd = secrets.previousExpiresAt ?? now
        let isPrevious = now < previousEnd && constantTimeEqual(secrets.previous ?? [], presented.bytes)
        guard isCurrent || isPrevious else { return .failure(.wrongSecret) }
        guard isEnabled else { return .failure(.disabled) }
        if let expiresAt, now >= expiresAt { return .failure(.expired) }
        let end = isCurrent ? expiresAt : expiresAt.map { min($0, previousEnd) } ?? previousEnd
        return .success(KnownMachine(id: id, name: name, secret: presented, end: end))
    }
}

extension ServiceTokenFault: Error {}
