package import Crypto
import Primitives

/// Bounds on a token; decoded bytes where nothing else is said.
package struct JWSLimits: Sendable {
    /// Bytes of the compact form.
    package var token = 16 * 1024
    package var header = 4 * 1024
    package var payload = 12 * 1024
    /// Members of any object in header or payload.
    package var claims = 200
    /// Nested arrays and objects, the outermost counted.
    package var depth = 10

    package init() {}
}

/// The compact serialization (RFC 7515 §7.1) taken apart and decoded, its contents not yet looked at.
package struct JWSSegments: Sendable {
    package let header: [UInt8]
    package let payload: [UInt8]
    package let signature: [UInt8]
    /// The first two segments with their dot: what was signed.
    package let signingInput: ArraySlice<UInt8>

    /// - Throws: ``JOSEError/tooLarge``, ``JOSEError/encrypted`` or ``JOSEError/malformed``.
    package init(_ token: [UInt8], limits: JWSLimits = JWSLimits()) throws(JOSEError) {
        guard token.count <= limits.token else { throw .tooLarge }
        var dots: [Int] = []
        let bytes = token.span
        for index in bytes.indices where bytes[index] == UInt8(ascii: ".") {
            dots.append(index)
            guard dots.count <= 4 else { throw .malformed }
        }
        guard dots.count == 2 || dots.count == 4 else { throw .malformed }
        guard dots[0] * 3 / 4 <= limits.header else { throw .tooLarge }
        guard dots.count == 2 else { throw .encrypted }
        let second = (dots[0] + 1)..<dots[1]
        guard second.count * 3 / 4 <= limits.payload else { throw .tooLarge }
        let third = (dots[1] + 1)..<token.count
        guard dots[0] > 0, !second.isEmpty, !third.isEmpty,
            let header = Base64URL.decode(bytes.extracting(0..<dots[0])),
            let payload = Base64URL.decode(bytes.extracting(second)),
            let signature = Base64URL.decode(bytes.extracting(third))
        else { throw .malformed }
        self.header = header
        self.payload = payload
        self.signature = signature
        signingInput = token[..<dots[1]]
    }

    /// Whether the signature is that of the verifier's key under the verifier's algorithm.
    package func verify(with verifier: SignatureVerifier) -> Bool {
        verifier.verify(signature, of: signingInput)
    }
}
