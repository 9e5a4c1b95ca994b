import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// The credentials of machines: list and creation.
enum ServiceTokensPage: ConsolePages {
    private static let base = "/accounts/{account_id}/service-tokens"

    static let routes: [ConsoleRoute] = [
        .get(base, .account(.serviceTokensRead), .page(Access.page(page))),
        .get(base + "/new", .account(.serviceTokensWrite), .page(Access.page(newPage))),
        .post(
            base + "/new", .account(.serviceTokensWrite), .serviceToken, .create, page: Access.page(newPage),
            Access.form(create)),
    ]

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let page = try call.reader.serviceTokens(of: account.id, named: nil, matching: view.search, view.page)
        let path = "\(account.path)/service-tokens"
        let create = view.may(.serviceTokensWrite) ? UI.button("Create service token", path + "/new", "") : .nothing
        return Screen(
            "Service tokens", .account(account), section: "/service-tokens",
            lead: "Credentials of machines. They open applications with a policy for services.", actions: create
        ) {
            view.searchField("Search by name")
            if page.items.isEmpty {
                UI.empty(
                    view.search == nil ? "No service token yet" : "No service token has that in its name",
                    view.search == nil
                        ? "Create one for each program that comes without a person, such as a deployment or a monitor."
                        : "Search for less of it.", action: view.search == nil ? create : .nothing)
            } else {
                UI.table(
                    "Service tokens", page.items,
                    [
                        Column("Name", isHeader: true) { UI.link($0.name, "\(path)/\($0.id.uuid)") },
                        Column("Client ID") { UI.code("\($0.clientID.hex.prefix(8))….access") },
                        Column("State") { $0.badge(at: view.now) },
                        Column("Expires") { token in
                            if let end = token.expiresAt { UI.time(end) } else { "never" }
                        },
                        Column("Last used") { token in
                            if let seen = token.lastSeenAt { UI.time(seen) } else { "never" }
                        },
                        Column("#Actions") { token in
                            if view.may(.serviceTokensWrite) {
                                view.action(
                                    "Rotate", to: "\(path)/\(token.id.uuid)/rotate", about: token.name,
                                    [("grace", "24h")])
                            }
                        },
                    ])
                view.pager(view.page, total: page.total, noun: "service tokens")
            }
        }
    }

    @Sendable static func newPage(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let list = "\(account.path)/service-tokens"
        return Screen(
            "Create service token", .account(account), section: "/service-tokens",
            lead: "The secret is shown once, right after it is made.",
            parents: [Screen.Crumb(title: "Service tokens", path: list)]
        ) {
            element("section", ["class": "card narrow"]) {
                view.form(to: list + "/new") {
                    view.field("name", "Name", hint: "What uses it, such as “nightly backup”.", isRequired: true)
                    view.choice(
                        "duration", "Good for", Durations.choices(Durations.tokens, nil), "8760h",
                        hint: "After that it opens nothing until it is renewed.")
                    view.buttons("Create service token", cancel: list)
                }
            }
        }
    }

    @Sendable static func create(_ call: FormCall) throws(Failure) -> Outcome {
        let draft = try refusing { () throws(Refusal) in
            try ServiceTokenDraft(.object(call.form.object("name", "duration")))
        }
        let issued = try call.act.issueServiceToken(draft, in: call.account)
        return .shown(
            try ServiceTokenPage.secret(
                of: issued, call, title: "\(issued.token.name) was created",
                sentence: "Copy the secret now: it is not kept, and nobody can show it again."))
    }
}

extension ServiceToken {
    func isExpired(at now: Timestamp) -> Bool { expiresAt.map { $0 <= now } ?? false }

    func badge(at now: Timestamp) -> Markup {
        if !isEnabled { return UI.badge("disabled", .warn) }
        return isExpired(at: now) ? UI.badge("expired", .bad) : UI.badge("good", .good)
    }
}
