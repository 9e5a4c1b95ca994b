import Crypto
import Primitives
import Store

extension LiveServiceToken {
    /// Whether a secret with this SHA-256 is the current one, or the one before it while its grace lasts.
    func accepts(_ digest: [UInt8], at now: Timestamp) -> Bool {
        if constantTimeEqual(secrets.current, digest) { return true }
        guard let previous = secrets.previous, let end = secrets.previousExpiresAt, now < end else { return false }
        return constantTimeEqual(previous, digest)
    }
}
