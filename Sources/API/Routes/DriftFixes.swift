import ControlPlane
import Domain
import JSON
import Primitives
import Store
import Wire

/// The request that would mend a drift: method, full path and body, ready to be sent.
struct DriftFix {
    let method: String
    let path: String
    let body: JSONValue

    /// - Returns: `nil` where the subject has gone meanwhile.
    init?(for drift: Drift, of account: GovernedAccount, _ details: CoverageDetails) {
        let base = "/client/v4/accounts/\(account.account.hex)/access"
        switch (drift.kind, drift.subject) {
        case (.notBridged, _):
            self.init("POST", base + "/idp_bridge", .object(JSONObject()))
        case (.otherIdPEnabled, .identityProvider(let id)), (.oneTimePINEnabled, .identityProvider(let id)):
            // A connection over another grant is not the account's to delete; enforcing the primary switches it off.
            guard let other = details.others[account.account]?.first(where: { $0.id == id }) else { return nil }
            guard !other.isConnection else {
                self.init(
                    "PATCH", "/client/v4/organizations/\(account.organization.hex)/primary_idp",
                    .object(["mode": .string("enforce")]))
                return
            }
            self.init("DELETE", base + "/identity_providers/\(id.uuid)", .object(JSONObject()))
        case (_, .application(let id)):
            guard let application = details.applications[id], let allowed = account.allowed else { return nil }
            var writer = JSONWriter()
            let policies = details.policiesOfApplications[id] ?? []
            application.write(to: &writer, account: account.account, policies: policies[...])
            guard var body = Self.parsed(writer.bytes) else { return nil }
            body["allowed_idps"] = [.string(allowed.uuid)]
            self.init("PUT", base + "/apps/\(id.uuid)", .object(body))
        case (.bypassPolicy, .policy(let id)):
            guard let policy = details.policies[id] else { return nil }
            if !policy.isReusable, let application = drift.application {
                self.init(
                    "DELETE", base + "/apps/\(application.uuid)/policies/\(id.uuid)", .object(JSONObject()))
            } else {
                self.init(replacing: policy, base, drift, account, details, decision: "allow") { _ in [] }
            }
        case (.policyEveryone, .policy(let id)):
            guard let policy = details.policies[id] else { return nil }
            // "Everybody" and "whoever used this login" say nothing about who; what else the list holds stays.
            self.init(replacing: policy, base, drift, account, details, decision: nil) { rules in
                rules.filter { $0["everyone"] == nil && $0["login_method"] == nil }
            }
        case (.policyLoginMethodOther, .policy(let id)), (.danglingReference, .policy(let id)):
            guard let policy = details.policies[id] else { return nil }
            let unwanted = Set(drift.identityProviders.map(\.uuid))
            self.init(replacing: policy, base, drift, account, details, decision: nil) { rules in
                rules.filter { rule in
                    rule["login_method"]?["id"]?.stringValue.map { !unwanted.contains($0) } ?? true
                }
            }
        case (_, .group(let id)):
            guard let group = details.groups[id], var body = Self.parsed(Array(group.document.text.utf8)) else { return nil }
            let unwanted = Set(drift.identityProviders.map(\.uuid))
            Self.filter(&body, account, details) { rules in
                rules.filter { $0["login_method"]?["id"]?.stringValue.map { !unwanted.contains($0) } ?? true }
            }
            body["name"] = .string(group.name)
            body["is_default"] = .bool(group.isDefault)
            self.init("PUT", base + "/groups/\(id.uuid)", .object(body))
        default: return nil
        }
    }

    private init(_ method: String, _ path: String, _ body: JSONValue) {
        self.method = method
        self.path = path
        self.body = body
    }

    private init?(
        replacing policy: Policy, _ base: String, _ drift: Drift, _ account: GovernedAccount, _ details: CoverageDetails,
        decision: String?, keeping keep: ([JSONValue]) -> [JSONValue]
    ) {
        guard var body = Self.parsed(Array(policy.document.text.utf8)) else { return nil }
        Self.filter(&body, account, details, keep)
        body["name"] = .string(policy.name)
        body["decision"] = .string(decision ?? policy.decision.rawValue)
        let path =
            if !policy.isReusable, let application = drift.application {
                base + "/apps/\(application.uuid)/policies/\(policy.id.uuid)"
            } else { base + "/policies/\(policy.id.uuid)" }
        self.init("PUT", path, .object(body))
    }

    /// Takes rules out of every list; an `include` that would be empty names the organization's people instead, so that
    /// the fix never admits more than before.
    private static func filter(
        _ body: inout JSONObject, _ account: GovernedAccount, _ details: CoverageDetails, _ keep: ([JSONValue]) -> [JSONValue]
    ) {
        for list in ["include", "exclude", "require"] {
            guard let rules = body[list]?.arrayValue else { continue }
            body[list] = .array(keep(rules))
        }
        guard body["include"]?.arrayValue?.isEmpty ?? true else { return }
        body["include"] = .array(peopleOf(details))
    }

    /// The mail domains of the administrators, where the company's people are; the administrators themselves where their
    /// addresses have no domain of the Internet.
    private static func peopleOf(_ details: CoverageDetails) -> [JSONValue] {
        let domains = Set(details.administrators.compactMap { $0.split(separator: "@").last.map(String.init) })
            .filter { $0.contains(".") }.sorted()
        guard domains.isEmpty else {
            return domains.map { .object(["email_domain": .object(["domain": .string($0)])]) }
        }
        return details.administrators.map { .object(["email": .object(["email": .string($0)])]) }
    }

    private static func parsed(_ bytes: [UInt8]) -> JSONObject? {
        do throws(JSONError) { return try JSONParser.parse(bytes).objectValue } catch { return nil }
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("method", method)
        writer.member("path", path)
        writer.member("body", body)
        writer.endObject()
    }
}
