import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store

/// What a form for an application offers to choose from.
struct ApplicationChoices {
    let providers: [(value: String, title: String)]
    let tags: [String]
    /// Reusable policies.
    let policies: [Policy]

    init(of account: AccountID, _ reader: any Reading) throws(Failure) {
        let own = try reader.identityProviders(of: account).map { (value: $0.id.uuid, title: $0.name) }
        let connected = try reader.connections(of: account).map { connection in
            (value: connection.id.uuid, title: "\(connection.source.name) (connected)")
        }
        providers = own + connected
        tags = try reader.tags(of: account, PageRequest(page: 1, perPage: 100)).items.map(\.name)
        policies = try reader.reusablePolicies(of: account, PageRequest(page: 1, perPage: 200)).items.map(\.policy)
    }
}

/// The fields of an application.
struct ApplicationForm {
    let type: ApplicationType
    /// `nil` for a new one.
    let application: Application?
    let choices: ApplicationChoices
    let view: View

    @MarkupBuilder var fields: Markup {
        let document = application?.document.members ?? JSONObject()
        view.field("name", "Name", application?.name, hint: "What people see.", isRequired: true)
        if type.hasDestinations {
            view.area(
                "destinations", "Where it answers", application.map { $0.publicPlaces.joined(separator: "\n") },
                hint: "A host, or a host and a path, such as wiki.example.com or example.com/admin; one a line.",
                rows: 3)
        } else if type == .bookmark {
            view.field("domain", "Address", application?.domain, isRequired: true)
        }
        if type.hasLogin {
            view.choice(
                "session_duration", "Sign-in lasts",
                Durations.choices(Durations.sessions, document["session_duration"]?.stringValue),
                document["session_duration"]?.stringValue ?? "24h",
                hint: "After that, people sign in again.")
            if !choices.providers.isEmpty {
                set("allowed_idps", "Identity providers", "None checked: people may use any of them.") {
                    for provider in choices.providers {
                        view.check(
                            "allowed_idps", provider.title,
                            application?.allowedIdPs.contains { $0.uuid == provider.value } ?? false,
                            value: provider.value)
                    }
                }
                view.check(
                    "auto_redirect_to_identity", "Go straight to the identity provider",
                    application?.isAutoRedirecting ?? false, hint: "For applications with exactly one.")
            }
        }
        if !choices.tags.isEmpty {
            set("tags", "Tags", nil) {
                for tag in choices.tags {
                    view.check("tags", tag, application?.tagNames.contains(tag) ?? false, value: tag)
                }
            }
        }
        view.check(
            "app_launcher_visible", "Show it in the App Launcher",
            document["app_launcher_visible"]?.boolValue ?? true)
        view.field("logo_url", "Logo", document["logo_url"]?.stringValue, hint: "The https address of an image.")
        if type.hasLogin {
            view.field(
                "custom_deny_message", "Message to whoever is refused",
                document["custom_deny_message"]?.stringValue)
        }
    }

    /// Boxes that belong together.
    private func set(
        _ name: String, _ legend: String, _ hint: String?, @MarkupBuilder _ boxes: () -> Markup
    ) -> Markup {
        let inner = boxes()
        let mistakes = view.submission?.refusal.problems.filter { problem in
            problem.field.map { $0 == name || $0.hasPrefix(name + "/") } ?? false
        }
        return element("fieldset", ["class": "group-set"]) {
            element("legend") { legend }
            if let hint { element("p", ["class": "small muted"]) { hint } }
            inner
            for problem in mistakes ?? [] { element("p", ["class": "error"]) { problem.sentence } }
        }
    }

    /// The request body that a form stands for, on top of what there is.
    static func body(of form: FormBody, _ type: ApplicationType, keeping old: JSONObject) -> JSONObject {
        var body = old
        body["type"] = .string(type.rawValue)
        body["name"] = form.text("name").map { .string($0) }
        if type.hasDestinations {
            let known = old["destinations"]?.arrayValue ?? []
            let others = known.filter { $0["type"]?.stringValue.map { $0 != "public" } ?? false }
            let lines = form.lines("destinations")
            // Without a line the decoder says what is missing, beside the field.
            let places: [JSONValue] = (lines.isEmpty && others.isEmpty ? [""] : lines).map { line in
                known.first { $0["uri"]?.stringValue == line } ?? ["type": "public", "uri": .string(line)]
            }
            body["destinations"] = .array(places + others)
            body["self_hosted_domains"] = nil
            body["domain"] = nil
        } else if type == .bookmark {
            body["domain"] = form.text("domain").map { .string($0) }
        }
        body["tags"] = .array(form.texts("tags").map { .string($0) })
        body["app_launcher_visible"] = .bool(form.flag("app_launcher_visible"))
        body["logo_url"] = form.text("logo_url").map { .string($0) }
        guard type.hasLogin else { return body }
        body["session_duration"] = form.text("session_duration").map { .string($0) }
        body["allowed_idps"] = .array(form.texts("allowed_idps").map { .string($0) })
        body["auto_redirect_to_identity"] = .bool(form.flag("auto_redirect_to_identity"))
        body["custom_deny_message"] = form.text("custom_deny_message").map { .string($0) }
        return body
    }
}

extension Application {
    /// The hosts and paths among its places, as a form has them.
    var publicPlaces: [String] {
        let listed = document.members["destinations"]?.arrayValue ?? []
        return listed.isEmpty ? [domain].compactMap { $0 } : listed.compactMap { $0["uri"]?.stringValue }
    }
}
