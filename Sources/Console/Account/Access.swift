import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store

/// What the pages below Access have in common: there is nothing to show, and nothing to do, before Access is set up.
enum Access {
    /// Shows the way to set Access up where that is missing.
    static func page(_ page: @escaping ConsoleRoute.Page) -> ConsoleRoute.Page {
        { (call) throws(Failure) in
            guard try call.reader.team(of: call.view.account) != nil else { return try notSetUp(call) }
            return try page(call)
        }
    }

    /// Refuses where Access is not set up, as the REST API does.
    static func form(_ form: @escaping ConsoleRoute.Form) -> ConsoleRoute.Form {
        { (call) throws(Failure) in
            try isSetUp(call.account, call.reader)
            return try form(call)
        }
    }

    /// The same for a form that waits.
    static func form(_ form: @escaping ConsoleRoute.PatientForm) -> ConsoleRoute.PatientForm {
        { (call) async throws(Failure) in
            let account = call.account
            try await call.read { (reader) throws(Failure) in try isSetUp(account, reader) }
            return try await form(call)
        }
    }

    private static func isSetUp(_ account: AccountID, _ reader: any Reading) throws(Failure) {
        guard try reader.team(of: account) != nil else {
            throw .refused(.zeroTrustNotEnabled, "Access is not set up in this account yet")
        }
    }

    private static func notSetUp(_ call: PageCall) throws(Failure) -> Screen {
        let account = try call.account()
        return Screen("Access is not set up", .account(account)) {
            UI.empty(
                "This account has no team domain yet",
                "A team domain is where people of this account sign in. Choose one to begin; bridging the account to the "
                    + "primary IdP of its organization chooses one as well.",
                action: call.view.rights.contains(.identityRead)
                    ? UI.button("Set up Access", "\(account.path)/zero-trust", "") : .nothing)
        }
    }
}

extension FormCall {
    /// The path of the account's page.
    var home: String { "/accounts/\(account.hex)" }

    /// Notes the resource as it is now for the audit log, so that its next change can be compared with it.
    func note(_ write: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        write(&writer)
        act.result = writer.jsonText
    }

    /// As ``preview(_:_:_:)``, for acts whose consequences are told in words.
    func confirm(
        _ plan: Plan, _ place: Screen.Place, _ lines: [BridgeEffects.Line], _ useCase: (Act) throws(Failure) -> Void
    ) throws(Failure) -> Outcome? {
        guard !form.isConfirmed else { return nil }
        _ = try act.preview(useCase)
        let (view, form) = (view, form)
        let parents = [Screen.Crumb(title: view.sectionTitle, path: view.sectionPath)]
        return .shown(
            Screen(plan.title, place, section: view.section, lead: plan.question, parents: parents) {
                element("section", ["class": "card", "id": "plan"]) {
                    element("h2") { "What would happen" }
                    element("ul", ["class": "plan"]) {
                        for line in lines { element("li", ["class": line.tone?.rawValue]) { line.text } }
                    }
                }
                view.form(to: view.request.path) {
                    UI.hidden("_confirm", "1")
                    if let version = form.text("_version") { UI.hidden("_version", version) }
                    for item in form.entered { UI.hidden(item.name, item.value) }
                    view.buttons(plan.verb, plan.isDangerous ? "danger" : "", cancel: plan.cancel)
                }
            })
    }
}

extension View {
    /// The entry of the account's navigation that a path is below.
    fileprivate var section: String {
        let parts = request.path.split(separator: "/")
        return parts.count > 2 ? "/" + parts[2] : ""
    }

    fileprivate var sectionTitle: String {
        AccountSections.all.first { $0.path == section }?.title ?? "Back"
    }

    fileprivate var sectionPath: String { "/accounts/\(account.hex)\(section)" }
}

extension UI {
    /// A few words that stay on one line.
    static func unbroken(_ text: String) -> Markup { element("span", ["class": "nowrap"]) { text } }
}

extension JSONText {
    /// A stored document, or an empty object where it is none.
    var members: JSONObject { (try? JSONParser.parse(self).objectValue) ?? JSONObject() }
}

extension JSONObject {
    /// What a resource looks like on the wire.
    init(of write: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        write(&writer)
        self = writer.jsonText.members
    }
}

/// Durations that forms offer.
enum Durations {
    static let sessions = ["0s", "15m", "30m", "1h", "6h", "12h", "24h", "168h", "720h"]
    static let tokens = ["720h", "2160h", "4380h", "8760h", "17520h", "43800h", "forever"]

    /// The choices, with what there is now among them.
    static func choices(_ texts: [String], _ now: String?) -> [(value: String, title: String)] {
        var all = texts
        if let now, !now.isEmpty, !all.contains(now) { all.insert(now, at: 0) }
        return all.map { ($0, title(of: $0)) }
    }

    /// `24h` in words.
    static func title(of text: String) -> String {
        switch text {
        case "0s": "At once: ask at every visit"
        case "forever": "Forever"
        case "168h": "1 week"
        case "720h": "30 days"
        case "2160h": "90 days"
        case "4380h": "6 months"
        case "8760h": "1 year"
        case "17520h": "2 years"
        case "43800h": "5 years"
        default:
            if let hours = Int(text.dropLast()), text.hasSuffix("h") {
                hours.of("hour")
            } else if let minutes = Int(text.dropLast()), text.hasSuffix("m") {
                minutes.of("minute")
            } else {
                text
            }
        }
    }
}
