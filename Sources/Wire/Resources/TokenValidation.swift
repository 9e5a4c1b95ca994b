package import Domain
package import JSON
import Primitives

/// A request to validate tokens (contract 40 §10).
package struct TokenValidationRequest: Sendable {
    package let tokens: [String]
    /// Whether the answer is a list.
    package let isBatch: Bool
    package let expectation: TokenExpectation

    package static let batchLimit = 100

    /// Not trimmed and of any length: what a token may be is for the rules to say, not for the shape of the body.
    private static let verbatim = Shape.checked({ _ in true }, "text")

    package static let fields: [Field] = [
        Field("token", verbatim),
        Field("tokens", .array(verbatim, count: 1...batchLimit)),
        Field("idp_id", .uuid),
        Field(
            "audience", .either([verbatim, .array(verbatim, count: 1...100)], "a string or a list of 1 to 100 strings")),
        Field("nonce", verbatim),
        Field("max_age", .integer(0...(1 << 53))),
    ]

    package init(_ value: JSONValue) throws(Refusal) {
        let body = try Body(value, as: Self.fields, orRefuse: .validationInvalidRequest)
        let batch = body["tokens"]?.arrayValue
        switch (body.text("token"), batch) {
        case (.some, .some):
            throw Refusal(.validationInvalidRequest, "tokens cannot be combined with token", at: "/tokens")
        case (nil, nil): throw Refusal(.validationInvalidRequest, "token is required", at: "/token")
        case (let token?, nil): tokens = [token]
        case (nil, let batch?): tokens = batch.compactMap(\.stringValue)
        }
        isBatch = batch != nil
        let audience: [String]? =
            if let one = body.text("audience") { [one] } else { body["audience"].map { _ in body.texts("audience") } }
        // Beyond three centuries any age will do.
        let maxAge = body.integer("max_age").map { Duration.seconds(min($0, 10_000_000_000)) }
        expectation = TokenExpectation(
            identityProvider: body.uuid("idp_id"), audience: audience, nonce: body.text("nonce"), maxAge: maxAge)
    }
}

extension ValidToken {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("active", true)
        writer.member("idp_id", uuid: identityProvider)
        writer.member("issuer", issuer)
        writer.member("subject", subject)
        writer.member("email", email)
        writer.member("audience", audience)
        writer.member("issued_at", time: issuedAt)
        writer.member("expires_at", time: expiresAt)
        writer.member("key_id", keyID)
        writer.member("algorithm", algorithm)
        writer.member("claims", raw: claims)
        writer.endObject()
    }
}

extension TokenRejection {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("active", false)
        writer.member("reason", reason.rawValue)
        writer.member("detail", detail)
        writer.endObject()
    }
}
