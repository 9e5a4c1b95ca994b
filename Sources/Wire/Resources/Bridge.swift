package import Domain
package import JSON
import Primitives

/// Grants, designations, bridge state, coverage and previews on the wire (contract 30).
extension FederationGrant {
    package static let fields: [Field] = [Field("idp_id", .uuid, .required)]

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", uuid: id)
        writer.member("idp_id", uuid: identityProvider)
        writer.endObject()
    }
}

extension PrimaryIdPDraft {
    package static let fields: [Field] = [
        Field("account_id", .hexIdentifier, .required),
        Field("idp_id", .uuid, .required),
        Field("mode", .oneOf(PrimaryMode.allCases.map(\.rawValue)), default: "report"),
        Field("exempt_account_ids", .array(.hexIdentifier, count: 0...10_000), default: []),
        Field("break_glass_emails", .array(.email, count: 0...PrimaryIdP.breakGlassLimit), default: []),
        Field("keep_previous", .bool, default: false),
    ]

    package init(_ value: JSONValue) throws(Refusal) {
        let body = try Body(value, as: Self.fields, orRefuse: .organizationInvalid)
        guard let account: AccountID = body.hex("account_id"), let idp: IdentityProviderID = body.uuid("idp_id") else {
            throw Refusal(.organizationInvalid, "account_id and idp_id are required", at: "")
        }
        self.init(
            account: account, identityProvider: idp,
            mode: body.text("mode").flatMap { PrimaryMode(rawValue: $0) } ?? .report,
            exempt: body.texts("exempt_account_ids").compactMap { AccountID(hex: $0) },
            breakGlass: body.texts("break_glass_emails"), keepsPrevious: body.bool("keep_previous"))
    }
}

extension PrimaryIdP {
    /// The members that PATCH may change.
    package static let changeFields: [Field] = [
        Field("mode", .oneOf(PrimaryMode.allCases.map(\.rawValue))),
        Field("exempt_account_ids", .array(.hexIdentifier, count: 0...10_000)),
        Field("break_glass_emails", .array(.email, count: 0...PrimaryIdP.breakGlassLimit)),
    ]

    package func write(
        to writer: inout JSONWriter, bridgeApplication: BridgeApplicationID?, accountsTotal: Int, accountsBridged: Int
    ) {
        writer.beginObject()
        writer.member("organization_id", hex: organization)
        writer.member("account_id", hex: account)
        writer.member("idp_id", uuid: identityProvider)
        writer.member("grant_id", uuid: grant)
        writer.member("share_id", hex: share)
        writer.member("bridge_app_id", uuid: bridgeApplication)
        writer.member("mode", mode.rawValue)
        writer.member("exempt_account_ids", exempt.map(\.hex))
        writer.member("break_glass_emails", breakGlass)
        writer.member("created_at", time: createdAt)
        writer.member("updated_at", time: updatedAt)
        writer.member("accounts_total", accountsTotal)
        writer.member("accounts_bridged", accountsBridged)
        writer.endObject()
    }
}

extension GovernedAccount {
    /// The answer of the one-click bridge.
    package func write(
        to writer: inout JSONWriter, identityProvider: IdentityProvider, loginURL: String?, wasBridged: Bool
    ) {
        writer.beginObject()
        writer.member("account_id", hex: account)
        writer.member("role", status == .source ? "source" : "recipient")
        writer.member("status", status.rawValue)
        writer.member("connection_id", uuid: connection)
        writer.member("grant_id", uuid: grant)
        writer.member("source_account_id", hex: sourceAccount)
        writer.key("idp")
        writer.beginObject()
        writer.member("id", uuid: identityProvider.id)
        writer.member("name", identityProvider.name)
        writer.member("type", identityProvider.type.rawValue)
        writer.endObject()
        writer.member("login_url", loginURL)
        writer.member("already_bridged", wasBridged)
        writer.endObject()
    }
}

extension BridgeEffects {
    /// The answer of `?preview=true` (contract 30 §11).
    package func writePreview(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("preview", true)
        writer.member("connections_created", connectionsCreated)
        writer.key("connections_removed")
        writer.beginArray()
        for connection in ended {
            writer.beginObject()
            writer.member("account_id", hex: connection.account)
            writer.member("connection_id", uuid: connection.connection)
            writer.endObject()
        }
        writer.endArray()
        writer.key("apps_without_login")
        writer.beginArray()
        for application in applications where application.hasNoLogin {
            writer.beginObject()
            writer.member("account_id", hex: application.account)
            writer.member("app_id", uuid: application.application)
            writer.member("name", application.name)
            writer.endObject()
        }
        writer.endArray()
        writer.key("dangling_rules")
        writer.beginArray()
        for rule in danglingRules {
            writer.beginObject()
            writer.member("account_id", hex: rule.account)
            if rule.isGroup {
                writer.member("group_id", uuid: rule.owner)
            } else {
                writer.member("policy_id", uuid: rule.owner)
            }
            writer.endObject()
        }
        writer.endArray()
        writer.member("sessions_ended", sessionsEnded)
        writer.member("oauth_grants_ended", 0)
        writer.member("users_affected_30d", usersAffected)
        writer.endObject()
    }
}
