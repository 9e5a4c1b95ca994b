import ControlPlane
import Domain
import JSON
import Primitives

/// The rules of a policy or group on their way to a fix: every change keeps or narrows whom they match.
struct FixedRules {
    private(set) var body: JSONObject

    init(_ document: JSONObject) { body = document }

    /// A rule that matches nobody: a list must not be empty, and leaving a rule out would match more. The domain is
    /// reserved (RFC 2606 §2), so no mailbox is in it.
    static let nobody: JSONValue = ["email": ["email": "nobody@orgd.invalid"]]

    /// Drops `everyone` from `include`; where nothing else is left, the organization's people take its place.
    mutating func narrowEveryone(to people: [JSONValue]) {
        let rules = self["include"]
        guard rules.contains(where: { $0["everyone"] != nil }) else { return }
        let rest = rules.filter { $0["everyone"] == nil }
        self["include"] = rest.isEmpty ? people : rest
    }

    /// Drops `login_method` from `include`: whoever used a login is nobody in particular. Where nothing else is left, the
    /// organization's people take its place, and still have to come in that way.
    mutating func narrowLogins(to people: [JSONValue], preferring account: GovernedAccount) {
        let rules = self["include"]
        let named = rules.compactMap(\.loginMethod)
        let rest = rules.filter { $0.loginMethod == nil }
        guard !named.isEmpty else { return }
        guard rest.isEmpty else {
            self["include"] = rest
            return
        }
        let own = [account.allowed, account.sourceIdentityProvider].compactMap { $0?.uuid }
        self["include"] = people
        self["require"] += [Self.loginMethod(own.first(where: named.contains) ?? named[0])]
    }

    /// Drops the `login_method` of these identity providers from `include`.
    mutating func dropLogins(_ unwanted: [IdentityProviderID], people: [JSONValue], _ account: GovernedAccount) {
        let ids = Set(unwanted.map(\.uuid))
        let rest = self["include"].filter { rule in rule.loginMethod.map { !ids.contains($0) } ?? true }
        guard rest.isEmpty else {
            self["include"] = rest
            return
        }
        self["include"] = people
        if let allowed = account.allowed { self["require"] += [Self.loginMethod(allowed.uuid)] }
    }

    /// Takes out the `login_method` of connections that have ended. Such a rule matches nobody, and so does what stands in
    /// for it where its absence would matter.
    mutating func dropDead(_ dead: [IdentityProviderID]) {
        let ids = Set(dead.map(\.uuid))
        func isDead(_ rule: JSONValue) -> Bool { rule.loginMethod.map { ids.contains($0) } ?? false }
        let rest = self["include"].filter { !isDead($0) }
        self["include"] = rest.isEmpty ? [Self.nobody] : rest
        self["exclude"] = self["exclude"].filter { !isDead($0) }
        self["require"] = self["require"].map { isDead($0) ? Self.nobody : $0 }
    }

    private subscript(_ list: String) -> [JSONValue] {
        get { body[list]?.arrayValue ?? [] }
        set { body[list] = .array(newValue) }
    }

    private static func loginMethod(_ id: String) -> JSONValue { ["login_method": ["id": .string(id)]] }
}

extension CoverageDetails {
    /// Rules for the people of the organization: whoever has a mailbox where its administrators have theirs, and the
    /// administrators themselves where their addresses have no domain of the Internet.
    var people: [JSONValue] {
        let domains = Set(administrators.compactMap { $0.split(separator: "@").last.map(String.init) })
            .filter { $0.contains(".") }.sorted()
        let rules: [JSONValue] =
            domains.isEmpty
            ? administrators.map { ["email": ["email": .string($0)]] }
            : domains.map { ["email_domain": ["domain": .string($0)]] }
        return rules.isEmpty ? [FixedRules.nobody] : rules
    }
}

extension JSONValue {
    /// The identity provider that a `login_method` rule names.
    fileprivate var loginMethod: String? { self["login_method"]?["id"]?.stringValue }
}
