import Domain
import HTML
import Primitives
import Store

/// Rows of an audit log.
struct AuditTable {
    let rows: [AuditRow]
    let caption: String

    var markup: Markup {
        UI.table(
            caption, rows,
            [
                Column("When") { UI.time($0.at) },
                Column("What", isHeader: true) { row in
                    "\(row.event.action.rawValue) \(row.event.resource.kind.title)"
                    if !row.isSuccess { UI.badge("refused", .bad) }
                },
                Column("Where") { row in
                    if let account = row.event.account {
                        UI.link(row.accountName ?? account.hex, "/accounts/\(account.hex)")
                    } else {
                        "Organization"
                    }
                },
                Column("Who") { $0.who },
            ])
    }
}

extension AuditRow {
    /// Who did it, in a few words.
    var who: String {
        let actor = request.actor
        return switch actor.kind {
        case .system: "the server"
        case .user, .account: actor.email ?? actor.token?.name ?? "somebody"
        }
    }
}

extension AuditedResource.Kind {
    /// For people.
    var title: String {
        switch self {
        case .primaryIdP: "primary IdP"
        case .idpDrift: "drift"
        case .apiToken: "API token"
        case .zeroTrustOrganization: "Zero Trust settings"
        case .bridge: "bridge"
        default:
            rawValue.replacing("access_", with: "").replacing("idp_", with: "IdP ").replacing("oauth_", with: "OAuth ")
                .replacing("_", with: " ")
        }
    }
}

/// Lines of the log of logins.
struct SignInTable {
    let rows: [RecentSignIn]

    var markup: Markup {
        UI.table(
            "Latest sign-ins", rows,
            [
                Column("When") { UI.time($0.row.at) },
                Column("Who", isHeader: true) { line in
                    let request = line.row.request
                    request.email.isEmpty
                        ? (request.clientName.isEmpty ? "unknown" : request.clientName) : request.email
                },
                Column("Where") { UI.link($0.accountName, "/accounts/\($0.account.hex)") },
                Column("Application") { $0.row.request.application?.domain ?? "" },
                Column("Result") { line in
                    line.row.request.isAllowed ? UI.badge("let in", .good) : UI.badge("refused", .bad)
                },
            ])
    }
}

extension BridgeStatus {
    var badge: Markup {
        switch self {
        case .source: UI.badge("source", .good)
        case .bridged: UI.badge("bridged", .good)
        case .exempt: UI.badge("exempt")
        case .missing: UI.badge("not bridged", .warn)
        }
    }
}
