// Everything that needs libcrypto or libssl, behind owned handles: digests, HMAC, random bytes, sealing, keys,
// signatures, certificates and a TLS engine that performs no I/O.
//
// Invariants: no raw pointer leaves the target; every return code is checked; the error queue of the thread is empty when
// a call returns. Exclusive handles are `~Copyable` or confined classes, shared ones are immutable classes. Read
// `CryptoError` and `PublicKey` first.

import COpenSSL

/// Why a cryptographic operation did not happen.
package enum CryptoError: Error, Equatable {
    case outOfMemory
    /// Text or bytes that are no key (or certificate) of the expected form.
    case malformedKey
    /// A key type, curve or parameter outside the supported set: RSA, P-256, P-384, P-521, Ed25519.
    case unsupportedKey
    /// An RSA key outside 2048…8192 bits or with an exponent that is even or below 3; a point off its curve.
    case weakKey
    /// The key does not belong to the signature algorithm.
    case wrongKeyForAlgorithm
    /// The sealed bytes were not made with this key and this associated data.
    case authenticationFailed
    /// The peer's certificate was not accepted; the text is OpenSSL's reason.
    case certificateRejected(String)
    /// The peer ended the transport without saying so in TLS.
    case truncated
    /// Anything else that OpenSSL refused.
    case library(code: UInt, reason: String)
}

extension CryptoError {
    /// The first error in the thread's queue, which is the cause; the queue is empty afterwards.
    static func fromQueue() -> CryptoError {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0 else { return .library(code: 0, reason: "no reason recorded") }
        let reason = unsafe ERR_reason_error_string(code).map { unsafe String(cString: $0) }
        return .library(code: UInt(code), reason: reason ?? "unknown reason")
    }
}
