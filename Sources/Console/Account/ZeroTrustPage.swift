import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// The Zero Trust settings of an account: team domain, login pages, how long sign-ins last.
enum ZeroTrustPage: ConsolePages {
    private static let base = "/accounts/{account_id}/zero-trust"

    static let routes: [ConsoleRoute] = [
        .get(base, .account(.identityRead), .page(page)),
        .post(base, .account(.identityWrite), .zeroTrustOrganization, .update, page: page, save),
    ]

    /// The pages beside this one.
    static func tabs(_ here: String, _ account: Account, _ view: View) -> Markup {
        let all: [(String, String, PermissionGroup)] = [
            ("Settings", "/zero-trust", .identityRead), ("Signing keys", "/zero-trust/keys", .identityRead),
            ("Tags", "/zero-trust/tags", .appsRead), ("Custom pages", "/zero-trust/custom-pages", .customPagesRead),
        ]
        return element("nav", ["class": "tabs", "aria-label": "Zero Trust"]) {
            element("ul") {
                for (title, path, permission) in all where view.rights.contains(permission) {
                    element("li") {
                        element("a", ["href": account.path + path, "aria-current": path == here ? "page" : nil]) {
                            title
                        }
                    }
                }
            }
        }
    }

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        guard let settings = try call.reader.zeroTrustOrganization(of: account.id) else {
            return setUp(account, view)
        }
        let document = settings.document.members
        return Screen(
            "Zero Trust", .account(account), section: "/zero-trust",
            lead: "Where and how people of this account sign in."
        ) {
            tabs("/zero-trust", account, view)
            UI.facts(
                [
                    ("Team domain", UI.copyable(settings.authDomain(below: view.settings.accessDomain), id: "team")),
                    (
                        "Changes in the console",
                        document["is_ui_read_only"]?.boolValue == true
                            ? UI.badge("off: through the API only", .warn) : UI.badge("on", .good)
                    ), ("Changed", UI.time(settings.updatedAt)),
                ])
            if view.may(.identityWrite) {
                form(settings, document, account, view)
            } else {
                reading(settings, document)
            }
        }
    }

    private static func setUp(_ account: Account, _ view: View) -> Screen {
        Screen(
            "Set up Access", .account(account), section: "/zero-trust",
            lead: "Choose where people of this account sign in. It becomes the issuer of their tokens."
        ) {
            if view.may(.identityWrite) {
                element("section", ["class": "card narrow"]) {
                    view.form(to: "\(account.path)/zero-trust") {
                        view.field("name", "Name", account.name, hint: "Shown on the sign-in pages.")
                        view.field(
                            "auth_domain", "Team domain",
                            "\(team(for: account.name)).\(view.settings.accessDomain)",
                            hint: "A name of your choice, then .\(view.settings.accessDomain)")
                        view.buttons("Set up Access", cancel: account.path)
                    }
                }
            } else {
                UI.empty(
                    "Access is not set up in this account",
                    "Whoever may change its settings chooses a team domain first.")
            }
        }
    }

    /// A team that a name suggests.
    private static func team(for name: String) -> String {
        var team = ""
        for byte in name.lowercased().utf8 {
            let isPlain =
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            if isPlain {
                team.unicodeScalars.append(UnicodeScalar(byte))
            } else if !team.isEmpty, !team.hasSuffix("-") {
                team += "-"
            }
        }
        while team.hasSuffix("-") { team.removeLast() }
        return team.isEmpty ? "team" : String(team.prefix(40))
    }

    private static func form(
        _ settings: ZeroTrustOrganization, _ document: JSONObject, _ account: Account, _ view: View
    ) -> Markup {
        let design = document["login_design"]?.objectValue ?? JSONObject()
        let duration = document["session_duration"]?.stringValue ?? "24h"
        return view.form(
            to: "\(account.path)/zero-trust", "stack", version: EntityTag(version: settings.version).text
        ) {
            element("div", ["class": "columns"]) {
                UI.card("Sign-in") {
                    view.field("name", "Name", settings.name, hint: "Shown on the sign-in pages.")
                    view.field(
                        "auth_domain", "Team domain", settings.authDomain(below: view.settings.accessDomain),
                        hint: "Another one signs everybody out, and the old address is gone.")
                    view.choice(
                        "session_duration", "People stay signed in",
                        Durations.choices(Durations.sessions.filter { $0 != "0s" }, duration), duration)
                    view.check(
                        "auto_redirect_to_identity", "Go straight to the identity provider",
                        document["auto_redirect_to_identity"]?.boolValue ?? false, hint: "Where there is exactly one.")
                    view.check(
                        "deny_unmatched_requests", "Refuse hosts that no application has",
                        document["deny_unmatched_requests"]?.boolValue ?? true)
                    view.check(
                        "strict_service_token_auth", "Refuse wrong service tokens at once",
                        document["strict_service_token_auth"]?.boolValue ?? true)
                }
                UI.card("Look of the sign-in pages") {
                    color("login_design/background_color", "Background", design["background_color"]?.stringValue, view)
                    color("login_design/text_color", "Text", design["text_color"]?.stringValue, view)
                    view.field(
                        "login_design/logo_path", "Logo", design["logo_path"]?.stringValue,
                        hint: "The https address of an image.")
                    view.field("login_design/header_text", "Above the card", design["header_text"]?.stringValue)
                    view.field("login_design/footer_text", "Below the card", design["footer_text"]?.stringValue)
                }
            }
            view.buttons("Save settings")
        }
    }

    private static func color(_ name: String, _ label: String, _ value: String?, _ view: View) -> Markup {
        view.field(name, label, value, hint: "Such as #1b45b0; empty for the standard one.", placeholder: "#rrggbb")
    }

    private static func reading(_ settings: ZeroTrustOrganization, _ document: JSONObject) -> Markup {
        let design = document["login_design"]?.objectValue ?? JSONObject()
        return UI.facts(
            [
                ("Name", .text(settings.name)),
                (
                    "People stay signed in",
                    .text(Durations.title(of: document["session_duration"]?.stringValue ?? "24h"))
                ),
                ("Background", .text(design["background_color"]?.stringValue ?? "standard")),
                ("Text", .text(design["text_color"]?.stringValue ?? "standard")),
                ("Above the card", .text(design["header_text"]?.stringValue ?? "nothing")),
            ])
    }

    // MARK: Form

    @Sendable static func save(_ call: FormCall) throws(Failure) -> Outcome {
        let (domain, account, path) = (call.view.settings.accessDomain, call.account, "\(call.home)/zero-trust")
        guard let old = try call.reader.zeroTrustOrganization(of: account) else {
            let body = call.form.object("name", "auth_domain")
            let draft = try refusing { () throws(Refusal) in
                try ZeroTrustOrganizationDraft(.object(body), accessDomain: domain)
            }
            let made = try call.act.createZeroTrustOrganization(draft, in: account)
            call.note { made.write(to: &$0, accessDomain: domain) }
            return .done(path, "Access is set up: people sign in at \(made.authDomain(below: domain)).")
        }
        let draft = try refusing { () throws(Refusal) in
            try ZeroTrustOrganizationDraft(
                .object(body(of: call.form, keeping: old, domain)), accessDomain: domain)
        }
        if draft.team != old.team {
            let plan = Plan(
                title: "Change the team domain", question: "From \(old.team) to \(draft.team).",
                verb: "Change the team domain",
                cancel: path)
            let lines = [
                BridgeEffects.Line(text: "Everybody is signed out and signs in at the new address.", tone: .bad),
                BridgeEffects.Line(
                    text: "The callback that identity providers know is no good any more: register the new one there.",
                    tone: .bad),
                BridgeEffects.Line(text: "Nobody else can take \(old.team) for 30 days.", tone: .warn),
            ]
            let shown = try call.confirm(plan, .account(try call.place()), lines) { (act) throws(Failure) in
                _ = try act.replaceZeroTrustOrganization(with: draft, in: account)
            }
            if let shown { return shown }
        }
        let saved = try call.act.replaceZeroTrustOrganization(with: draft, in: account)
        call.note { saved.write(to: &$0, accessDomain: domain) }
        return .done(path, "The settings were saved.")
    }

    private static func body(
        of form: FormBody, keeping old: ZeroTrustOrganization, _ domain: String
    ) -> JSONObject {
        var body = old.document.members
        body["auth_domain"] = .string(form.text("auth_domain") ?? "")
        body["name"] = .string(form.text("name") ?? "")
        if let duration = form.text("session_duration") { body["session_duration"] = .string(duration) }
        for name in ["auto_redirect_to_identity", "deny_unmatched_requests", "strict_service_token_auth"] {
            body[name] = .bool(form.flag(name))
        }
        body["login_design"] =
            form.object(
                "login_design/background_color", "login_design/text_color", "login_design/logo_path",
                "login_design/header_text", "login_design/footer_text")["login_design"] ?? [:]
        return body
    }
}
