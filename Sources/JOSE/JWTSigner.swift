package import Crypto
package import JSON
import Primitives

/// Makes compact tokens with one key. Holds a prepared signer, so it belongs to one loop or thread.
package final class JWTSigner {
    package let algorithm: JWSAlgorithm
    private let signer: Signer
    /// The encoded default header with its dot.
    private let prefix: [UInt8]

    /// - Parameters:
    ///   - keyID: `kid` of every token.
    ///   - type: `typ` of every token.
    /// - Throws: ``CryptoError/wrongKeyForAlgorithm`` when the key does not fit.
    package init(
        _ key: PrivateKey, algorithm: JWSAlgorithm, keyID: String?, type: String? = "JWT"
    ) throws(CryptoError) {
        self.algorithm = algorithm
        signer = try Signer(key, algorithm.signature)
        var header = JSONWriter()
        header.beginObject()
        header.member("alg", algorithm.rawValue)
        if let keyID { header.member("kid", keyID) }
        if let type { header.member("typ", type) }
        header.endObject()
        prefix = Self.prefix(header.bytes)
    }

    /// A token with `alg`, `kid` and `typ` in its header.
    package func sign(_ claims: JSONObject) throws(CryptoError) -> String {
        try sign(payload: JSONValue.object(claims).serializedBytes())
    }

    /// The same for a payload that is already JSON.
    package func sign(payload: [UInt8]) throws(CryptoError) -> String { try finish(prefix, payload) }

    /// A token with exactly `header`; its `alg` is set to the signer's.
    package func sign(_ claims: JSONObject, header: JSONObject) throws(CryptoError) -> String {
        var header = header
        header["alg"] = .string(algorithm.rawValue)
        return try sign(payload: JSONValue.object(claims).serializedBytes(), header: header)
    }

    /// The same for any payload.
    package func sign(payload: [UInt8], header: JSONObject) throws(CryptoError) -> String {
        try finish(Self.prefix(JSONValue.object(header).serializedBytes()), payload)
    }

    private static func prefix(_ header: [UInt8]) -> [UInt8] {
        var digits: [UInt8] = []
        Base64URL.append(header.span, to: &digits)
        return digits + [UInt8(ascii: ".")]
    }

    private func finish(_ prefix: [UInt8], _ payload: [UInt8]) throws(CryptoError) -> String {
        var token = prefix
        Base64URL.append(payload.span, to: &token)
        let signature = try signer.sign(token)
        token.append(UInt8(ascii: "."))
        Base64URL.append(signature.span, to: &token)
        return String(decoding: token, as: UTF8.self)
    }
}
