import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Would this person get in? What is asked, from a form or the query of a page.
struct PolicyQuestion {
    private let form: FormBody
    private let prefix: String

    /// - Parameter prefix: of the names of its fields, where they stand in a form with others.
    init(_ form: FormBody, prefix: String) {
        self.form = form
        self.prefix = prefix
    }

    private static let names = ["email", "ip", "country", "groups", "amr", "idp"]

    /// Whether somebody asks at all.
    var isAsked: Bool { Self.names.contains { form.items[prefix + $0] != nil } }

    func visitor() throws(Refusal) -> AskedVisitor {
        func text(_ name: String) -> String? { form.text(prefix + name) }
        var problems: [Problem] = []
        let address = text("ip").flatMap { IPAddress($0) }
        if text("ip") != nil, address == nil {
            problems.append(Problem(.accessInvalidRequest, "must be an IPv4 or IPv6 address", at: "/\(prefix)ip"))
        }
        if let country = text("country"), !country.isCountryCode {
            problems.append(
                Problem(.accessInvalidRequest, "must be two capital letters, such as NL", at: "/\(prefix)country"))
        }
        if let email = text("email"), !email.contains("@") {
            problems.append(Problem(.accessInvalidRequest, "must be an email address", at: "/\(prefix)email"))
        }
        guard problems.isEmpty else { throw Refusal(problems) }
        let (groups, methods) = (form.lines(prefix + "groups"), form.lines(prefix + "amr"))
        return AskedVisitor(
            email: text("email"), address: address, country: text("country"), groups: groups.isEmpty ? nil : groups,
            amr: methods.isEmpty ? nil : methods, provider: text("idp").flatMap { IdentityProviderID(uuid: $0) })
    }

    /// - Parameter providers: identity providers of the account.
    func fields(_ view: View, _ providers: [(value: String, title: String)]) -> Markup {
        func value(_ name: String) -> String? { form.items[prefix + name] }
        return element("div", ["class": "field-grid"]) {
            view.field(
                prefix + "email", "Email", value("email"), hint: "Empty: not signed in.", type: "text")
            view.field(prefix + "ip", "IP address", value("ip"))
            view.field(prefix + "country", "Country", value("country"), hint: "Such as NL.")
            view.field(prefix + "groups", "Groups", value("groups"), hint: "With commas between them.")
            view.field(prefix + "amr", "Methods", value("amr"), hint: "Such as mfa, pwd.")
            view.choice(
                prefix + "idp", "Signs in with", [("", "As last time")] + providers, value("idp") ?? "",
                hint: "The identity provider.")
        }
    }
}

/// What policies say, and why.
struct PolicyVerdict {
    let explanation: Explanation
    /// Names of groups that the explanation leads through.
    let groups: [GroupID: String]
    let rules: [PolicyID: JSONObject]
    let names: RuleNames

    var markup: Markup {
        let (isAdmitted, sentence) = conclusion
        return element("div", ["class": "answer", "id": "answer", "role": "status"]) {
            element("p", ["class": "notice \(isAdmitted ? "good" : "bad")"]) { element("strong") { sentence } }
            if !explanation.findings.isEmpty {
                element("ol") {
                    for finding in explanation.findings {
                        element("li") {
                            element("p") {
                                element("strong") { finding.name }
                                " "
                                finding.decision.badge
                                " \(finding.outcome.sentence)"
                            }
                            if finding.outcome != .needsIdentity { path(of: finding) }
                        }
                    }
                }
            }
        }
    }

    private var conclusion: (Bool, String) {
        func name(_ id: PolicyID) -> String {
            explanation.findings.first { $0.policy == id }?.name ?? "a policy"
        }
        return switch explanation.decision {
        case .allow(let id): (true, "Yes: “\(name(id))” lets this person in.")
        case .bypass(let id): (true, "Yes, without being asked: “\(name(id))” lets everybody it matches pass.")
        case .service(let id): (true, "Yes, as a service: “\(name(id))” lets it in.")
        case .deny(let id): (false, "No: “\(name(id))” refuses.")
        case .unmatched: (false, "No: no policy lets this person in.")
        }
    }

    @MarkupBuilder private func path(of finding: PolicyFinding) -> Markup {
        if finding.path.isEmpty {
            element("p", ["class": "path"]) { "No rule of Include holds." }
        } else {
            for (depth, step) in finding.path.enumerated() {
                element("p", ["class": "path"]) {
                    "\(step.list.title) \(step.position + 1): \(words(step, depth == 0 ? rules[finding.policy] : nil)) "
                    element("strong") { step.truth.words }
                }
            }
        }
    }

    private func words(_ step: RuleFinding, _ document: JSONObject?) -> String {
        if let group = step.group { return "Group: \(groups[group] ?? group.uuid)" }
        if let rule = document?[step.list.rawValue]?[step.position] { return names.words(rule) }
        return step.selector?.title ?? "a rule that this version cannot read"
    }
}

extension Truth {
    fileprivate var words: String {
        switch self {
        case .yes: "holds"
        case .no: "does not hold"
        case .unknown: "cannot be told from what is known"
        }
    }
}

extension PolicyFinding.Outcome {
    fileprivate var sentence: String {
        switch self {
        case .decides: "matches and decides."
        case .comesTooLate: "matches too, but another has decided already."
        case .doesNotMatch: "does not match."
        case .cannotTell: "would match only if something were known that is not."
        case .needsIdentity: "asks who it is, and nobody has signed in."
        }
    }
}
