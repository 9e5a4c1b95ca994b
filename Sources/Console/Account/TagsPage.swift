import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Labels for applications.
enum TagsPage: ConsolePages {
    private static let base = "/accounts/{account_id}/zero-trust/tags"

    static let routes: [ConsoleRoute] = [
        .get(base, .account(.appsRead), .page(Access.page(page))),
        .post(base, .account(.appsWrite), .tag, .create, page: Access.page(page), Access.form(create)),
        .post(base + "/delete", .account(.appsWrite), .tag, .delete, page: Access.page(page), Access.form(delete)),
    ]

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let page = try call.reader.tags(of: account.id, view.page)
        let path = "\(account.path)/zero-trust/tags"
        return Screen(
            "Tags", .account(account), section: "/zero-trust",
            lead: "Labels that sort applications in the App Launcher.",
            parents: [Screen.Crumb(title: "Zero Trust", path: "\(account.path)/zero-trust")]
        ) {
            ZeroTrustPage.tabs("/zero-trust/tags", account, view)
            if page.items.isEmpty {
                UI.empty("No tag yet", "Make one here, then give it to applications where they are edited.")
            } else {
                UI.table(
                    "Tags", page.items,
                    [
                        Column("Name", isHeader: true) { $0.name },
                        Column("Applications", isNumber: true) { "\($0.appCount)" },
                        Column("Created") { UI.time($0.createdAt) },
                        Column("#Actions") { tag in
                            if view.may(.appsWrite) {
                                view.action("Delete", to: path + "/delete", about: tag.name, [("tag", tag.name)])
                            }
                        },
                    ])
                view.pager(view.page, total: page.total, noun: "tags")
            }
            if view.may(.appsWrite) {
                element("section", ["class": "card narrow"]) {
                    element("h2") { "New tag" }
                    view.form(to: path) {
                        view.field("name", "Name")
                        view.buttons("Create tag")
                    }
                }
            }
        }
    }

    @Sendable static func create(_ call: FormCall) throws(Failure) -> Outcome {
        let body: JSONObject = ["name": .string(call.form.text("name") ?? "")]
        let name = try refusing { () throws(Refusal) in try Tag.name(in: .object(body)) }
        let tag = try call.act.createTag(name, in: call.account)
        call.note { tag.write(to: &$0) }
        return .done("\(call.home)/zero-trust/tags", "\(tag.name) was created.")
    }

    @Sendable static func delete(_ call: FormCall) throws(Failure) -> Outcome {
        let (name, account) = (call.form.items["tag"] ?? "", call.account)
        let list = "\(call.home)/zero-trust/tags"
        let count = try call.reader.tag(name, in: account)?.appCount ?? 0
        let plan = Plan(title: "Delete \(name)", question: "This cannot be undone.", verb: "Delete tag", cancel: list)
        let line =
            count == 0
            ? BridgeEffects.Line(text: "No application has it.", tone: .good)
            : BridgeEffects.Line(text: "\(count.of("application")) would lose it.", tone: .warn)
        let shown = try call.confirm(plan, .account(try call.place()), [line]) { (act) throws(Failure) in
            try act.deleteTag(name, in: account)
        }
        if let shown { return shown }
        try call.act.deleteTag(name, in: account)
        return .done(list, "\(name) was deleted.")
    }
}
