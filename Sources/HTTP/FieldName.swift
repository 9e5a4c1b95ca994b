/// The name of a field, in lowercase (RFC 9110 §5.1: names are case-insensitive).
package struct FieldName: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    /// A hash of the text that a parsed head carries too, so that most lookups compare numbers.
    let signature: UInt32

    /// `nil` unless the text is a token; capitals are lowered.
    package init?(_ text: some StringProtocol) {
        var lower: [UInt8] = []
        lower.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            let character = Characters.lowerToken[Int(byte)]
            guard character != 0 else { return nil }
            lower.append(character)
        }
        guard !lower.isEmpty else { return nil }
        self.init(known: String(decoding: lower, as: UTF8.self))
    }

    /// The text is a lowercase token.
    init(known text: String) {
        self.text = text
        signature = text.utf8.reduce(Self.seed, Self.step)
    }

    package var description: String { text }

    package static func == (left: Self, right: Self) -> Bool {
        left.signature == right.signature && left.text == right.text
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(signature) }

    // FNV-1a, 32 bits.
    static let seed: UInt32 = 0x811C_9DC5

    @inline(__always)
    static func step(_ hash: UInt32, _ byte: UInt8) -> UInt32 { (hash ^ UInt32(byte)) &* 0x0100_0193 }
}

extension FieldName {
    package static let accept = FieldName(known: "accept")
    package static let acceptEncoding = FieldName(known: "accept-encoding")
    package static let acceptLanguage = FieldName(known: "accept-language")
    package static let accessControlAllowCredentials = FieldName(known: "access-control-allow-credentials")
    package static let accessControlAllowHeaders = FieldName(known: "access-control-allow-headers")
    package static let accessControlAllowMethods = FieldName(known: "access-control-allow-methods")
    package static let accessControlAllowOrigin = FieldName(known: "access-control-allow-origin")
    package static let accessControlMaxAge = FieldName(known: "access-control-max-age")
    package static let accessControlRequestHeaders = FieldName(known: "access-control-request-headers")
    package static let accessControlRequestMethod = FieldName(known: "access-control-request-method")
    package static let allow = FieldName(known: "allow")
    package static let authorization = FieldName(known: "authorization")
    package static let cacheControl = FieldName(known: "cache-control")
    package static let connection = FieldName(known: "connection")
    package static let contentDisposition = FieldName(known: "content-disposition")
    package static let contentEncoding = FieldName(known: "content-encoding")
    package static let contentLength = FieldName(known: "content-length")
    package static let contentSecurityPolicy = FieldName(known: "content-security-policy")
    package static let contentType = FieldName(known: "content-type")
    package static let cookie = FieldName(known: "cookie")
    package static let date = FieldName(known: "date")
    package static let etag = FieldName(known: "etag")
    package static let expect = FieldName(known: "expect")
    package static let forwardedFor = FieldName(known: "x-forwarded-for")
    package static let forwardedHost = FieldName(known: "x-forwarded-host")
    package static let forwardedProto = FieldName(known: "x-forwarded-proto")
    package static let host = FieldName(known: "host")
    package static let idempotencyKey = FieldName(known: "idempotency-key")
    package static let ifMatch = FieldName(known: "if-match")
    package static let ifNoneMatch = FieldName(known: "if-none-match")
    package static let lastModified = FieldName(known: "last-modified")
    package static let link = FieldName(known: "link")
    package static let location = FieldName(known: "location")
    package static let origin = FieldName(known: "origin")
    package static let pragma = FieldName(known: "pragma")
    package static let referer = FieldName(known: "referer")
    package static let referrerPolicy = FieldName(known: "referrer-policy")
    package static let retryAfter = FieldName(known: "retry-after")
    package static let server = FieldName(known: "server")
    package static let setCookie = FieldName(known: "set-cookie")
    package static let strictTransportSecurity = FieldName(known: "strict-transport-security")
    package static let transferEncoding = FieldName(known: "transfer-encoding")
    package static let userAgent = FieldName(known: "user-agent")
    package static let vary = FieldName(known: "vary")
    package static let wwwAuthenticate = FieldName(known: "www-authenticate")
    package static let xContentTypeOptions = FieldName(known: "x-content-type-options")
    package static let xFrameOptions = FieldName(known: "x-frame-options")
}
