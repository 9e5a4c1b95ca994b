package import HTTP

/// The header fields that only this API knows.
extension FieldName {
    static let cfRay = own("cf-ray")
    package static let idempotencyReplayed = own("idempotency-replayed")
    static let xShouldRetry = own("x-should-retry")
    static let xAuthKey = own("x-auth-key")
    static let xAuthEmail = own("x-auth-email")
    static let xAuthUserServiceKey = own("x-auth-user-service-key")

    private static func own(_ name: String) -> FieldName {
        guard let name = FieldName(name) else { preconditionFailure("\(name) is no field name") }
        return name
    }
}

extension MediaType {
    /// JSON in the only encoding it has on the network (RFC 8259 §8.1).
    var isJSON: Bool {
        (essence == "application/json" || subtype.hasSuffix("+json"))
            && (self["charset"].map { $0.lowercased() == "utf-8" } ?? true)
    }
}
