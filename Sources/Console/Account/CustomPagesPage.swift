import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Pages that an account shows instead of the standard ones.
enum CustomPagesPage: ConsolePages {
    private static let base = "/accounts/{account_id}/zero-trust/custom-pages"

    static let routes: [ConsoleRoute] = [
        .get(base, .account(.customPagesRead), .page(Access.page(page))),
        .get(base + "/new", .account(.customPagesWrite), .page(Access.page(editor))),
        .post(
            base + "/new", .account(.customPagesWrite), .customPage, .create, page: Access.page(editor),
            Access.form(save)),
        .get(base + "/{custom_page_id}", .account(.customPagesWrite), .page(Access.page(editor))),
        .post(
            base + "/{custom_page_id}", .account(.customPagesWrite), .customPage, .update, page: Access.page(editor),
            Access.form(save)),
        .post(
            base + "/{custom_page_id}/delete", .account(.customPagesWrite), .customPage, .delete,
            page: Access.page(page), Access.form(delete)),
    ]

    private static func crumbs(_ account: Account) -> [Screen.Crumb] {
        [Screen.Crumb(title: "Zero Trust", path: "\(account.path)/zero-trust")]
    }

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let page = try call.reader.customPages(of: account.id, view.page)
        let path = "\(account.path)/zero-trust/custom-pages"
        let create = view.may(.customPagesWrite) ? UI.button("New page", path + "/new", "") : .nothing
        return Screen(
            "Custom pages", .account(account), section: "/zero-trust",
            lead: "What people see instead of the standard pages, such as when they are refused.",
            parents: crumbs(account), actions: create
        ) {
            ZeroTrustPage.tabs("/zero-trust/custom-pages", account, view)
            if page.items.isEmpty {
                UI.empty("No custom page yet", "Without one, people see the standard pages.", action: create)
            } else {
                UI.table(
                    "Custom pages", page.items,
                    [
                        Column("Name", isHeader: true) { item in
                            if view.may(.customPagesWrite) {
                                UI.link(item.name, "\(path)/\(item.id.uuid)")
                            } else {
                                item.name
                            }
                        },
                        Column("Shown") { $0.type.title }, Column("ID") { UI.code($0.id.uuid) },
                        Column("Changed") { UI.time($0.updatedAt) },
                        Column("#Actions") { item in
                            if view.may(.customPagesWrite) {
                                view.action("Delete", to: "\(path)/\(item.id.uuid)/delete", about: item.name)
                            }
                        },
                    ])
                view.pager(view.page, total: page.total, noun: "pages")
            }
        }
    }

    private static func known(_ reader: any Reading, _ view: View) throws(Failure) -> CustomPage? {
        guard view.path.has("custom_page_id") else { return nil }
        guard let page = try reader.customPage(view.path.id("custom_page_id"), in: view.account) else {
            throw .refused(.accessNotFound, "custom page not found")
        }
        return page
    }

    @Sendable static func editor(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let page = try known(call.reader, view)
        let html: String? = if let page { try call.reader.html(of: page.id) } else { nil }
        let list = "\(account.path)/zero-trust/custom-pages"
        return Screen(
            page.map { "Edit \($0.name)" } ?? "New page", .account(account), section: "/zero-trust",
            parents: crumbs(account) + [Screen.Crumb(title: "Custom pages", path: list)]
        ) {
            element("section", ["class": "card"]) {
                view.form(
                    to: "\(list)/\(page?.id.uuid ?? "new")", version: page.map { EntityTag(version: $0.version).text }
                ) {
                    view.field("name", "Name", page?.name)
                    view.choice(
                        "type", "Shown", CustomPageType.allCases.map { ($0.rawValue, $0.title) },
                        page?.type.rawValue ?? CustomPageType.identityDenied.rawValue)
                    view.area(
                        "custom_html", "HTML", html, hint: "Larger pages than half a megabyte go through the REST API.",
                        rows: 16)
                    view.buttons("Save page", cancel: list)
                }
            }
        }
    }

    @Sendable static func save(_ call: FormCall) throws(Failure) -> Outcome {
        let old = try known(call.reader, call.view)
        var body = call.form.object("name", "type")
        body["custom_html"] = .string(call.form.items["custom_html"] ?? "")
        if let old { body["contract_version"] = .integer(old.contractVersion) }
        let sent = body
        let draft = try refusing { () throws(Refusal) in try CustomPageDraft(.object(sent)) }
        let page: CustomPage
        if let old {
            page = try call.act.replaceCustomPage(old.id, with: draft, in: call.account)
        } else {
            page = try call.act.createCustomPage(draft, in: call.account)
        }
        call.note { page.write(to: &$0) }
        return .done("\(call.home)/zero-trust/custom-pages", "\(page.name) was saved.")
    }

    @Sendable static func delete(_ call: FormCall) throws(Failure) -> Outcome {
        let account = call.account
        guard let page = try known(call.reader, call.view) else {
            throw .refused(.accessNotFound, "custom page not found")
        }
        let list = "\(call.home)/zero-trust/custom-pages"
        let plan = Plan(
            title: "Delete \(page.name)", question: "This cannot be undone.", verb: "Delete page", cancel: list)
        let lines = [BridgeEffects.Line(text: "Nothing uses it: people see what they see now.", tone: .good)]
        let shown = try call.confirm(plan, .account(try call.place()), lines) { (act) throws(Failure) in
            try act.deleteCustomPage(page.id, in: account)
        }
        if let shown { return shown }
        try call.act.deleteCustomPage(page.id, in: account)
        return .done(list, "\(page.name) was deleted.")
    }
}

extension CustomPageType {
    /// When it is shown.
    var title: String {
        switch self {
        case .identityDenied: "To people who signed in and are refused"
        case .forbidden: "To whoever is refused without signing in"
        case .login: "For signing in"
        case .interstitial: "Between sign-in and application"
        }
    }
}
