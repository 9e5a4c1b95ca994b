/// The contract once more, word for word and without a thought for speed: every question is answered anew, by two
/// functions that say what is true at least and what is true at most.
struct NaiveEvaluator {
    let world: TextWorld

    /// Such as `allow 2` or `unmatched`.
    func decision() -> String {
        if let early = decisionBeforeIdentity() { return early }
        for (index, policy) in world.policies.enumerated() {
            if policy.decision == "allow", world.facts["email"] != nil, matches(policy.rules, world.facts) {
                return policy.needsIsolation ? "deny \(index)" : "allow \(index)"
            }
            if policy.decision == "deny", matches(policy.rules, world.facts) { return "deny \(index)" }
        }
        return "unmatched"
    }

    func decisionBeforeIdentity() -> String? {
        var anonymous = world.facts
        for name in ["email", "idp", "groups", "amr", "acrs", "dept"] { anonymous[name] = nil }
        for (index, policy) in world.policies.enumerated() {
            if policy.decision == "bypass" || policy.decision == "non_identity", matches(policy.rules, anonymous) {
                return "\(policy.decision) \(index)"
            }
        }
        return nil
    }

    /// "OR / NOT / AND", and "a selector that cannot be evaluated is false in include and require and true in exclude".
    func matches(_ rules: TextRules, _ facts: [String: [String]]) -> Bool { isAtLeast(rules, facts, []) }

    private func isAtLeast(_ rules: TextRules, _ facts: [String: [String]], _ way: [String]) -> Bool {
        !rules.include.filter { isAtLeast($0, facts, way) }.isEmpty
            && rules.exclude.filter { isAtMost($0, facts, way) }.isEmpty
            && rules.require.filter { isAtLeast($0, facts, way) }.count == rules.require.count
    }

    private func isAtMost(_ rules: TextRules, _ facts: [String: [String]], _ way: [String]) -> Bool {
        !rules.include.filter { isAtMost($0, facts, way) }.isEmpty
            && rules.exclude.filter { isAtLeast($0, facts, way) }.isEmpty
            && rules.require.filter { isAtMost($0, facts, way) }.count == rules.require.count
    }

    private func isAtLeast(_ rule: String, _ facts: [String: [String]], _ way: [String]) -> Bool {
        if let name = groupName(rule) {
            guard let rules = world.groups[name], nesting(of: name, []) <= 5 else { return false }
            return isAtLeast(rules, facts, way + [name])
        }
        return leaf(rule, facts) == "true"
    }

    private func isAtMost(_ rule: String, _ facts: [String: [String]], _ way: [String]) -> Bool {
        if let name = groupName(rule) {
            guard let rules = world.groups[name], nesting(of: name, []) <= 5 else { return true }
            return isAtMost(rules, facts, way + [name])
        }
        return leaf(rule, facts) != "false"
    }

    /// What is true at least and at most, as one word.
    func truth(_ rule: String, anonymous: Bool) -> String {
        var facts = world.facts
        if anonymous { for name in ["email", "idp", "groups", "amr", "acrs", "dept"] { facts[name] = nil } }
        if isAtLeast(rule, facts, []) { return "yes" }
        return isAtMost(rule, facts, []) ? "unknown" : "no"
    }

    private func groupName(_ rule: String) -> String? {
        rule.hasPrefix("group ") ? String(rule.dropFirst("group ".count)) : nil
    }

    /// The groups below one another under `name`; a thousand where it comes back to itself.
    private func nesting(of name: String, _ way: [String]) -> Int {
        if way.contains(name) { return 1000 }
        guard let rules = world.groups[name] else { return -1 }
        let below = (rules.include + rules.exclude + rules.require).compactMap(groupName)
        return (below.map { nesting(of: $0, way + [name]) }.max() ?? -1) + 1
    }

    /// `true`, `false` or `?`.
    private func leaf(_ rule: String, _ facts: [String: [String]]) -> String {
        let words = rule.split(separator: " ").map(String.init)
        func known(_ truth: Bool) -> String { truth ? "true" : "false" }
        func ofIdentity(_ truth: Bool) -> String { facts["email"] == nil ? "?" : known(truth) }
        func has(_ fact: String, _ value: String) -> Bool { (facts[fact] ?? []).contains(value) }
        switch words[0] {
        case "everyone": return "true"
        case "email": return ofIdentity(facts["email"]?.first?.lowercased() == words[1].lowercased())
        case "domain": return ofIdentity(facts["email"]?.first?.lowercased().hasSuffix("@" + words[1]) == true)
        case "ip": return known(contains(words[1], facts["ip"]?.first ?? ""))
        case "geo": return facts["country"] == nil ? "?" : known(has("country", words[1]))
        case "login": return ofIdentity(has("idp", words[1]))
        case "amr": return ofIdentity(has("amr", words[1]))
        case "acr": return ofIdentity(has("acrs", words[1]) && has("idp", words[2]))
        case "azure", "okta": return ofIdentity(has("groups", words[1]) && has("idp", words[2]))
        case "google":
            return ofIdentity(
                (facts["groups"] ?? []).map { $0.lowercased() }.contains(words[1].lowercased()) && has("idp", words[2]))
        case "oidc": return ofIdentity(has(words[1], words[2]) && has("idp", words[3]))
        case "token": return known(has("token", words[1]))
        case "anytoken": return known(facts["token"] != nil)
        case "app": return known(has("apps", words[1]))
        case "cn": return known(has("cert", words[1]))
        case "cert": return known(facts["cert"] != nil)
        case "risk":
            return ofIdentity(words[1].split(separator: ",").map(String.init).contains(facts["risk"]?.first ?? ""))
        case "member": return ofIdentity(has("members", words[1]))
        case "external":
            if facts["email"] == nil { return "?" }
            return has("yes", words[1]) ? "true" : has("no", words[1]) ? "false" : "?"
        default: return "?"
        }
    }

    /// Networks whose prefix ends at a dot, or the one of IPv6 used here.
    private func contains(_ network: String, _ address: String) -> Bool {
        switch network {
        case "10.0.0.0/8": address.hasPrefix("10.")
        case "10.1.0.0/16": address.hasPrefix("10.1.")
        case "192.0.2.7/32": address == "192.0.2.7"
        case "2001:db8::/32": address.hasPrefix("2001:db8:")
        default: false
        }
    }
}
