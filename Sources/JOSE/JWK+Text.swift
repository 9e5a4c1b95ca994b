package import Crypto
package import JSON
import Primitives

extension JWK {
    /// Appends the key as an object: what was said about it first, then its numbers. Nothing for a key without public
    /// numbers.
    package func write(to writer: inout JSONWriter) throws(CryptoError) {
        guard let components = try publicKey?.components() else { return }
        writer.beginObject()
        if let keyID { writer.member("kid", keyID) }
        writer.member("kty", keyType.rawValue)
        if let algorithmName { writer.member("alg", algorithmName) }
        if let use { writer.member("use", use) }
        switch components {
        case .rsa(let modulus, let exponent):
            writer.member("e", Base64URL.encode(exponent))
            writer.member("n", Base64URL.encode(modulus))
        case .elliptic(let curve, let x, let y):
            writer.member("crv", curve.joseName)
            writer.member("x", Base64URL.encode(x))
            writer.member("y", Base64URL.encode(y))
        case .ed25519(let bytes):
            writer.member("crv", "Ed25519")
            writer.member("x", Base64URL.encode(bytes))
        }
        writer.endObject()
    }

    /// The SHA-256 thumbprint of RFC 7638 §3: over the required members alone, sorted. `nil` without public numbers.
    package func thumbprint() throws(CryptoError) -> Digest32? {
        guard let components = try publicKey?.components() else { return nil }
        var writer = JSONWriter()
        writer.beginObject()
        switch components {
        case .rsa(let modulus, let exponent):
            writer.member("e", Base64URL.encode(exponent))
            writer.member("kty", "RSA")
            writer.member("n", Base64URL.encode(modulus))
        case .elliptic(let curve, let x, let y):
            writer.member("crv", curve.joseName)
            writer.member("kty", "EC")
            writer.member("x", Base64URL.encode(x))
            writer.member("y", Base64URL.encode(y))
        case .ed25519(let bytes):
            writer.member("crv", "Ed25519")
            writer.member("kty", "OKP")
            writer.member("x", Base64URL.encode(bytes))
        }
        writer.endObject()
        return SHA256.hash(writer.bytes)
    }
}
