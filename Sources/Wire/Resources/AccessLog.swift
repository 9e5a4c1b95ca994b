package import Domain
package import JSON
import Primitives

/// A member of a row of the log of logins, as clients may choose them with `fields` (contract 20 §19).
package enum AccessLogField: String, Sendable, CaseIterable {
    case action, allowed
    case application = "app_uid"
    case applicationDomain = "app_domain"
    case applicationType = "app_type"
    case connection, country
    case createdAt = "created_at"
    case address = "ip_address"
    case ray = "ray_id"
    case email = "user_email"
    case user = "user_id"
    case provider = "idp_id"
    case policy = "policy_id"
    case reason
    case clientID = "oauth_client_id"
    case clientName = "oauth_client_name"
}

extension AccessLogRow {
    package func write(_ fields: [AccessLogField] = AccessLogField.allCases, to writer: inout JSONWriter) {
        writer.beginObject()
        for field in fields { write(field, to: &writer) }
        writer.endObject()
    }

    private func write(_ field: AccessLogField, to writer: inout JSONWriter) {
        switch field {
        case .action: writer.member("action", request.action.rawValue)
        case .allowed: writer.member("allowed", request.isAllowed)
        case .application:
            writer.member("app_uid", uuid: request.application.flatMap { ApplicationID(bytes: $0.id) })
        case .applicationDomain: writer.member("app_domain", request.application?.domain ?? "")
        case .applicationType: writer.member("app_type", request.application?.type ?? "")
        case .connection: writer.member("connection", request.connection)
        case .country: writer.member("country", request.country)
        case .createdAt: writer.member("created_at", time: at, .microseconds)
        case .address: writer.member("ip_address", request.address)
        case .ray: writer.member("ray_id", request.ray)
        case .email: writer.member("user_email", request.email)
        case .user: writer.member("user_id", uuid: request.user)
        case .provider: writer.member("idp_id", uuid: request.provider)
        case .policy: writer.member("policy_id", uuid: request.policy)
        case .reason: writer.member("reason", request.reason)
        // The service token's, where one acted.
        case .clientID: writer.member("oauth_client_id", request.clientID)
        case .clientName: writer.member("oauth_client_name", request.clientName)
        }
    }

    /// As a user's failed login (contract 20 §16).
    ///
    /// - Parameter retention: how long the log keeps rows.
    package func writeFailedLogin(to writer: inout JSONWriter, retention: Duration) {
        writer.beginObject()
        writer.member("expiration", (at + retention).seconds)
        writer.key("metadata")
        write(to: &writer)
        writer.endObject()
    }
}

/// An application that a session opened.
package struct OpenedApplication: Sendable {
    package let id: ApplicationID
    package let name: String
    package let hostname: String
    package let type: ApplicationType

    package init(id: ApplicationID, name: String, hostname: String, type: ApplicationType) {
        self.id = id
        self.name = name
        self.hostname = hostname
        self.type = type
    }
}

extension Session {
    /// As a row of a user's active sessions (contract 20 §16).
    package func write(_ applications: [OpenedApplication], to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", nonce.text)
        writer.member("expiration", expiresAt.seconds)
        writer.key("metadata")
        writer.beginObject()
        writer.key("apps")
        writer.beginObject()
        for application in applications {
            writer.key(application.id.uuid)
            writer.beginObject()
            writer.member("hostname", application.hostname)
            writer.member("name", application.name)
            writer.member("type", application.type.rawValue)
            writer.member("uid", uuid: application.id)
            writer.endObject()
        }
        writer.endObject()
        writer.member("expires", expiresAt.seconds)
        writer.member("iat", createdAt.seconds)
        writer.member("nonce", nonce.text)
        writer.member("ttl", (expiresAt - createdAt).wholeSeconds)
        writer.endObject()
        writer.endObject()
    }
}
