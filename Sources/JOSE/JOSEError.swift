/// Why a token was refused before its signature was looked at. Declared, and checked, in the order of precedence; the raw
/// value is the reason that clients see.
package enum JOSEError: String, Error, Sendable, CaseIterable {
    /// Token, header, payload, number of claims or depth beyond the limits.
    case tooLarge = "too_large"
    /// Five segments: an encrypted token (RFC 7516).
    case encrypted
    /// Not three segments of strict base64url holding JSON objects, or a registered claim of the wrong type.
    case malformed
    /// A repeated member name at any depth (RFC 7519 §4).
    case duplicateKey = "duplicate_key"
    /// `crit`, or an unencoded payload (RFC 7797): understood by nobody here, so the token must be rejected (RFC 7515 §4.1.11).
    case unsupportedCritical = "unsupported_critical"
    /// `typ` names another kind of token, such as `at+jwt` (RFC 8725 §3.11).
    case wrongType = "wrong_type"
}
