import Crypto
import Primitives

/// What replaces a refresh token, so that it can be answered twice although nothing but its SHA-256 is stored: it
/// follows from the token it replaces and a key of the server. Who has the one cannot make the other without that key.
package enum SuccessorToken {
    /// 43 characters of base64url: 256 bits.
    ///
    /// - Parameters:
    ///   - token: the token that is replaced.
    ///   - purpose: keeps what follows from one token apart, such as `refresh` and `access`.
    ///   - key: 32 secret bytes of the server.
    package static func after(_ token: String, _ purpose: String, key: [UInt8]) -> String {
        let message = Array("successor".utf8) + [0] + Array(purpose.utf8) + [0] + Array(token.utf8)
        return Base64URL.encode(HMAC.sha256(key: key, message).bytes)
    }
}
