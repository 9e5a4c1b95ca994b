import ControlPlane
package import Domain
package import JSON
import Primitives
import SQLite
package import Store

/// The things that most tests begin with, each made through the API by the first administrator.
extension World {
    /// The id of a new organization.
    package func organization(_ name: String, below parent: String? = nil) async -> String {
        await post(
            "/organizations",
            parent.map { ["name": .string(name), "parent": ["id": .string($0)]] } ?? ["name": .string(name)]
        ).id
    }

    /// The id of a new account, on its own without an organization; with Access set up where it has a team.
    package func account(_ name: String, in organization: String? = nil, team: String? = nil) async -> String {
        let place: JSONValue =
            organization.map { ["name": .string(name), "unit": ["id": .string($0)]] }
            ?? ["name": .string(name), "standalone": true]
        let id = await post("/accounts", place).id
        if let team {
            _ = await post(
                "/accounts/\(id)/access/organizations",
                ["auth_domain": .string("\(team).access.test"), "name": .string(name)])
        }
        return id
    }

    /// The id of a new identity provider.
    package func idp(_ name: String = "Okta", of account: String, type: String = "okta") async -> String {
        await post("/accounts/\(account)/access/identity_providers", Self.idpBody(name, type: type)).id
    }

    /// The least that each type takes; the secret is recognisable wherever it leaks.
    package static func idpBody(_ name: String, type: String = "okta") -> JSONValue {
        let client: JSONValue = ["client_id": "client", "client_secret": .string(secretCanary)]
        let more: JSONValue =
            switch type {
            case "okta": ["okta_account": "dev.okta.com"]
            case "azureAD": ["directory_id": "d"]
            case "google-apps": ["apps_domain": "example.com"]
            case "onelogin": ["onelogin_account": "example.onelogin.com"]
            case "pingone": ["ping_env_id": "e"]
            case "centrify": ["centrify_account": "example.centrify.com", "centrify_app_id": "a"]
            case "oidc":
                [
                    "auth_url": "https://idp.example.com/a", "token_url": "https://idp.example.com/t",
                    "certs_url": "https://idp.example.com/c",
                ]
            default: [:]
            }
        let config: JSONValue =
            type == "onetimepin" || type == "cloudflare" || type == "saml" ? [:] : client.merged(with: more)
        return ["name": .string(name), "type": .string(type), "config": config]
    }

    package static let secretCanary = "canary-of-a-client-secret"

    /// The answer of designating a primary identity provider.
    @discardableResult
    package func designate(
        _ idp: String, of account: String, for organization: String, mode: String = "report",
        exempt: [String] = [], query: String = ""
    ) async -> Answer {
        await post(
            "/organizations/\(organization)/primary_idp\(query)",
            [
                "account_id": .string(account), "idp_id": .string(idp), "mode": .string(mode),
                "exempt_account_ids": .array(exempt.map(JSONValue.string)),
            ])
    }

    /// The id of the account's connection to the governing primary; empty without one.
    package func connection(of account: String) async -> String {
        await get("/accounts/\(account)/access/idp_bridge").text("connection_id")
    }

    /// The value of a new token of an account.
    package func token(_ groups: [PermissionGroup], of account: String) async -> String {
        let answer = await post(
            "/accounts/\(account)/tokens",
            ["name": "limited", "policies": [Self.policy(groups, ["com.cloudflare.api.account.\(account)"])]])
        return answer.text("value")
    }

    /// The value of a new token of the administrator.
    package func userToken(_ policies: [JSONValue]) async -> String {
        await post("/user/tokens", ["name": "limited", "policies": .array(policies)]).text("value")
    }

    package static func policy(_ groups: [PermissionGroup], _ resources: [String], effect: String = "allow")
        -> JSONValue
    {
        var object = JSONObject()
        for resource in resources { object[resource] = "*" }
        return [
            "effect": .string(effect), "permission_groups": .array(groups.map { ["id": .string($0.id)] }),
            "resources": .object(object),
        ]
    }

    /// What a member of this address shows to be recognised.
    package static func person(_ email: String) -> String { "a.\(Base64URL.encode(Array(email.utf8))).z" }

    /// Every row of the audit log.
    package func auditRows() async throws(Failure) -> [AuditRow] {
        try await plane.store.background { (reader) throws(Failure) in
            try reader.all(AuditRow.self, "SELECT \(AuditRow.columns) FROM audit_log ORDER BY position")
        }
    }

    /// Begins every statement of a test, so that it is not taken for one of the server.
    package static let mark = "/* test */ "

    /// The first column of each row of a query that the API has no answer for. Only a test may write SQL at run time.
    package func texts(_ query: String) async throws(Failure) -> [String] {
        try await plane.store.background { (reader) throws(Failure) in
            try reader.all(SQL(stringLiteral: Self.mark + query)) { row in try row.text(0) }
        }
    }

    /// A statement past all use cases, to damage what they keep whole.
    package func execute(_ statement: String) async throws(Failure) {
        try await plane.store.writes.perform { (transaction) throws(Failure) in
            try transaction.execute(SQL(stringLiteral: Self.mark + statement))
        }
    }

    /// Everything in the database that requests may change, except when tokens were last used.
    package func fingerprint() async throws(Failure) -> [String: String] {
        let tables = try await texts(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
        var result: [String: String] = [:]
        for table in tables {
            let columns = try await texts(
                "SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('\(table)') WHERE name <> 'last_used_at'")
            let row = columns.joined(separator: " || ',' || ")
            result[table] = try await texts("SELECT \(row) AS line FROM \"\(table)\" ORDER BY line")
                .joined(separator: "\n")
        }
        return result
    }
}
