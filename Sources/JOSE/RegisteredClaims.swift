package import JSON
package import Primitives

/// The claims that validation decides on, with the types their specifications give them.
package struct RegisteredClaims: Sendable, Equatable {
    package let issuer: String?
    package let subject: String?
    /// `aud`, a single string read as a list of one (RFC 7519 §4.1.3). Empty when absent.
    package let audience: [String]
    /// `nil` also when `exp` is no number: such a token has expired, it is not malformed.
    package let expiresAt: Timestamp?
    package let notBefore: Timestamp?
    package let issuedAt: Timestamp?
    package let authenticatedAt: Timestamp?
    package let authorizedParty: String?
    package let nonce: String?

    /// - Throws: ``JOSEError/malformed`` for another type, or for a time beyond ±2⁵³ seconds.
    package init(_ claims: JSONObject) throws(JOSEError) {
        issuer = try claims.text("iss")
        subject = try claims.text("sub")
        audience = try Self.audience(claims["aud"])
        expiresAt = claims["exp"]?.numberValue == nil ? nil : try Self.instant(claims["exp"])
        notBefore = try Self.instant(claims["nbf"])
        issuedAt = try Self.instant(claims["iat"])
        authenticatedAt = try Self.instant(claims["auth_time"])
        authorizedParty = try claims.text("azp")
        nonce = try claims.text("nonce")
    }

    private static func audience(_ value: JSONValue?) throws(JOSEError) -> [String] {
        switch value {
        case nil: return []
        case .string(let single)?: return [single]
        case .array(let elements)?:
            let names = elements.compactMap(\.stringValue)
            guard names.count == elements.count else { throw .malformed }
            return names
        default: throw .malformed
        }
    }

    /// A NumericDate: seconds since 1970, fractions allowed (RFC 7519 §2). Instants outside the range of a timestamp are
    /// brought to its ends, which lie 292,000 years away.
    private static func instant(_ value: JSONValue?) throws(JOSEError) -> Timestamp? {
        guard let value else { return nil }
        guard let number = value.numberValue else { throw .malformed }
        if let seconds = number.integer {
            guard seconds.magnitude <= 1 << 53 else { throw .malformed }
            let (microseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
            return Timestamp(microseconds: overflow ? (seconds < 0 ? .min : .max) : microseconds)
        }
        let seconds = number.double
        guard abs(seconds) <= 0x1p53 else { throw .malformed }
        let microseconds = (seconds * 1_000_000).rounded(.down)
        if let exact = Int64(exactly: microseconds) { return Timestamp(microseconds: exact) }
        return Timestamp(microseconds: seconds < 0 ? .min : .max)
    }
}
