import ControlPlane
import Domain
import HTML
import HTTP
import Primitives
import Store

/// Who came, where, and whether they got in. Fresh by itself where there is a script.
enum AccessLogPage: ConsolePages {
    static let routes: [ConsoleRoute] = [
        .get(
            "/accounts/{account_id}/access-log", .account(.accessAuditLogsRead), .watched(Access.page(page)),
            subject: .accessLog)
    ]

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let filters = LogFilters(view: view)
        let names = try RuleNames(of: account.id, call.reader, kinds: [.application])
        var query = AccessLogQuery(account: account.id)
        query.since = filters.instant("since")
        query.until = filters.instant("until")
        query.conditions = conditions(filters)
        let page = try call.reader.accessLog(query, view.page)
        return Screen(
            "Access log", .account(account), section: "/access-log", lead: "Who came, where, and whether they got in."
        ) {
            filters.form {
                filters.field("email", "Email has")
                filters.choice("app", "Application", names.choices(.application))
                filters.choice("allowed", "Result", [("true", "Let in"), ("false", "Refused")])
                filters.field("ray", "Ray ID")
            }
            element("div", ["id": "log", "class": "stack", "data-refresh": 30]) {
                if page.items.isEmpty {
                    UI.empty(
                        view.query.isEmpty ? "Nobody has come yet" : "Nothing matches these filters",
                        view.query.isEmpty
                            ? "Open one of the applications in another window: the visit appears here."
                            : "Ask for less, or for a longer time.",
                        action: view.query.isEmpty
                            ? UI.button("Open applications", "\(account.path)/applications") : .nothing)
                } else {
                    table(page.items, account)
                    view.pager(view.page, total: page.total, noun: "visits")
                }
            }
        }
    }

    private static func conditions(_ filters: LogFilters) -> [AccessLogCondition] {
        var all: [AccessLogCondition] = []
        func add(_ test: AccessLogCondition.Test) { all.append(AccessLogCondition(test, isNegated: false)) }
        if let email = filters.text("email") { add(.emailContaining(email)) }
        if let application = filters.text("app") { add(.application(application)) }
        if let allowed = filters.text("allowed") { add(.isAllowed(allowed == "true")) }
        if let ray = filters.text("ray") { add(.ray(ray)) }
        return all
    }

    private static func table(_ rows: [AccessLogRow], _ account: Account) -> Markup {
        UI.table(
            "Visits", rows,
            [
                Column("When") { UI.time($0.at) },
                Column("Who", isHeader: true) { row in
                    let name = row.request.who
                    if let user = row.request.user {
                        UI.link(name, "\(account.path)/users/\(user.uuid)")
                    } else {
                        name
                    }
                    if !row.request.clientName.isEmpty, name != row.request.clientName {
                        element("span", ["class": "small muted"]) { " with \(row.request.clientName)" }
                    }
                },
                Column("What") { UI.unbroken($0.request.action.title) },
                Column("Application") { row in
                    if let application = row.request.application { application.domain }
                },
                Column("From") { row in
                    [row.request.address, row.request.country].filter { !$0.isEmpty }.joined(separator: ", ")
                },
                Column("Result") { row in
                    row.request.isAllowed ? UI.badge("let in", .good) : UI.badge("refused", .bad)
                    if !row.request.reason.isEmpty {
                        element("span", ["class": "small muted"]) { " \(row.request.reason.replacing("_", with: " "))" }
                    }
                    if !row.request.purpose.isEmpty {
                        element("span", ["class": "small muted"]) { " “\(row.request.purpose)”" }
                    }
                },
                Column("Ray ID") { row in element("code", ["class": "nowrap"]) { row.request.ray } },
            ])
    }
}

extension AccessRequest {
    /// The person, or the program that came without one.
    var who: String {
        if !email.isEmpty { return email }
        return clientName.isEmpty ? "unknown" : clientName
    }
}

extension AccessRequest.Action {
    /// For people.
    var title: String {
        switch self {
        case .login: "Sign-in"
        case .logout: "Sign-out"
        case .oauthAuthorize: "Permission for a program"
        case .oauthRefresh: "Renewal by a program"
        case .serviceAuth: "Service token"
        case .bridge: "Sign-in over the bridge"
        }
    }
}
