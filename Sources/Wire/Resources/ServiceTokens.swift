package import Domain
package import JSON
package import Primitives

/// Service tokens on the wire (contract 20 §14).
extension ServiceTokenDraft {
    package static let fields: [Field] = [
        Field("name", .name, .required),
        Field("duration", lifetimeShape, default: "8760h"),
        Field("enabled", .bool, default: true),
        Field("client_secret_version", .integer(1...1_000_000), default: 1),
        Field("previous_client_secret_expires_at", .instant),
    ]

    private static let lifetimeShape = Shape.checked(
        { ServiceTokenLifetime($0) != nil }, "a duration of at least 1m such as 8760h, or forever")

    package init(_ value: JSONValue) throws(Refusal) {
        let body = try Body(value, as: Self.fields, orRefuse: .accessInvalidRequest)
        self.init(
            name: body.text("name", or: ""),
            lifetime: body.text("duration").flatMap { ServiceTokenLifetime($0) } ?? .standard,
            isEnabled: body.bool("enabled"), secretVersion: body.integer("client_secret_version") ?? 1,
            previousSecretExpiresAt: body.instant("previous_client_secret_expires_at"))
    }
}

extension ServiceToken {
    /// - Parameter secret: written only in the answer that created or rotated it.
    package func write(to writer: inout JSONWriter, secret: Secret<String>? = nil) {
        writer.beginObject()
        writer.member("id", uuid: id)
        writer.member("name", name)
        writer.member("client_id", "\(clientID.hex).access")
        if let secret { writer.member("client_secret", secret.exposed()) }
        writer.member("client_secret_version", secretVersion)
        writer.member("duration", lifetime.text)
        writer.member("enabled", isEnabled)
        writer.member("expires_at", time: expiresAt)
        writer.member("created_at", time: createdAt)
        writer.member("updated_at", time: updatedAt)
        writer.member("last_seen_at", time: lastSeenAt)
        writer.endObject()
    }
}
