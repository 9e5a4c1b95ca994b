package import Crypto
package import JSON

/// A signed token (RFC 7519) that is well formed and whose signature is still to be checked: nothing it says may be
/// believed before ``verify(with:)`` answered `true`, except to find the key that does so.
package struct CompactJWS: Sendable {
    package let segments: JWSSegments
    package let header: JSONObject
    package let claims: JSONObject
    /// The claims of RFC 7519 §4.1 and OpenID Connect that validation needs, typed.
    package let registered: RegisteredClaims
    /// The value of `alg` as sent.
    package let algorithmName: String?
    /// `kid`, if any.
    package let keyID: String?

    /// `nil` when `alg` is absent, `none`, an HMAC or unknown.
    package var algorithm: JWSAlgorithm? { algorithmName.flatMap(JWSAlgorithm.init(rawValue:)) }
}

extension CompactJWS {
    /// Takes a token apart. All limits are checked before any form, and every form before any meaning, so that the reason
    /// does not depend on where in the token a problem lies.
    ///
    /// - Throws: the first applicable ``JOSEError`` in their order of declaration.
    package static func parse(
        _ token: [UInt8], limits: JWSLimits = JWSLimits()
    ) throws(JOSEError) -> CompactJWS {
        let segments = try JWSSegments(token, limits: limits)
        let json = JSONLimits(maxDepth: limits.depth, maxMembers: limits.claims)
        let header: JSONObject
        let claims: JSONObject
        switch (object(segments.header, json), object(segments.payload, json)) {
        case (.success(let one), .success(let other)): (header, claims) = (one, other)
        case (.failure(let one), .failure(let other)): throw one.precedence < other.precedence ? one : other
        case (.failure(let error), .success), (.success, .failure(let error)): throw error
        }
        return try CompactJWS(segments, header, claims)
    }

    package static func parse(_ token: String, limits: JWSLimits = JWSLimits()) throws(JOSEError) -> CompactJWS {
        try parse(Array(token.utf8), limits: limits)
    }

    private init(_ segments: JWSSegments, _ header: JSONObject, _ claims: JSONObject) throws(JOSEError) {
        self.segments = segments
        self.header = header
        self.claims = claims
        algorithmName = try header.text("alg")
        keyID = try header.text("kid")
        let type = try header.text("typ")
        registered = try RegisteredClaims(claims)
        guard !header.contains("crit"), header["b64"].map({ $0 == true }) ?? true else { throw .unsupportedCritical }
        guard type.map({ $0.utf8.count == 3 && $0.lowercased() == "jwt" }) ?? true else { throw .wrongType }
    }

    private static func object(_ bytes: [UInt8], _ limits: JSONLimits) -> Result<JSONObject, JOSEError> {
        do throws(JSONError) {
            guard case .object(let object) = try JSONParser.parse(bytes, limits: limits) else {
                return .failure(.malformed)
            }
            return .success(object)
        } catch {
            switch error.kind {
            case .tooDeep, .tooManyMembers: return .failure(.tooLarge)
            case .duplicateKey: return .failure(.duplicateKey)
            case .unexpectedEnd, .unexpectedByte, .trailingBytes, .invalidNumber, .numberOutOfRange, .controlCharacter,
                .invalidEscape, .loneSurrogate, .invalidUTF8:
                return .failure(.malformed)
            }
        }
    }
}

extension CompactJWS {
    /// Whether the verifier's key signed this token. The header must name the verifier's algorithm, but never chooses it.
    package func verify(with verifier: SignatureVerifier) -> Bool {
        guard let algorithm, algorithm.signature == verifier.algorithm else { return false }
        return segments.verify(with: verifier)
    }
}

extension JOSEError {
    /// Position in the order of checks.
    var precedence: Int { Self.allCases.firstIndex(of: self) ?? Self.allCases.count }
}

extension JSONObject {
    /// A member that is a string wherever it is present.
    func text(_ key: String) throws(JOSEError) -> String? {
        switch self[key] {
        case nil: return nil
        case .string(let text)?: return text
        default: throw .malformed
        }
    }
}
