// Mending: what would mend a drift of an account from its primary IdP, as a request of the REST API and as the use case
// behind it. Invariant: no fix makes policies admit anybody whom they do not admit today.

package import ControlPlane
package import Domain
package import JSON
import Primitives
import Store
import Wire

/// The request that would mend a drift: method, full path and body, ready to be sent.
///
/// No fix makes policies admit anybody whom they do not admit today. How people sign in may change, that is the point; where
/// nobody could, `note` says that somebody can again.
package struct DriftFix: Sendable {
    package let method: String
    package let path: String
    package let body: JSONValue
    /// The same as a use case.
    package let step: Step
    package private(set) var note: String?

    package enum Step: Sendable {
        case bridge
        case deleteIdentityProvider(IdentityProviderID)
        /// The organization enforces its primary IdP: for all of its accounts, so nothing that is done beside one of them.
        case enforce(OrganizationID)
        case replaceApplication(ApplicationID)
        case replacePolicy(PolicyID, of: ApplicationID?)
        case deletePolicy(PolicyID, of: ApplicationID)
        case replaceGroup(GroupID)
    }

    /// - Returns: `nil` where the subject has gone meanwhile.
    package init?(for drift: Drift, of account: GovernedAccount, _ details: CoverageDetails) {
        let base = "/client/v4/accounts/\(account.account.hex)/access"
        switch (drift.kind, drift.subject) {
        case (.notBridged, _):
            self.init("POST", base + "/idp_bridge", .object(JSONObject()), .bridge)
        case (.otherIdPEnabled, .identityProvider(let id)), (.oneTimePINEnabled, .identityProvider(let id)):
            // What the account cannot delete, enforcing the primary switches off.
            guard let other = details.others[account.account]?.first(where: { $0.id == id }) else { return nil }
            guard other.isDeletable else {
                self.init(
                    "PATCH", "/client/v4/organizations/\(account.organization.hex)/primary_idp",
                    .object(["mode": .string("enforce")]), .enforce(account.organization))
                return
            }
            self.init(
                "DELETE", base + "/identity_providers/\(id.uuid)", .object(JSONObject()), .deleteIdentityProvider(id))
        case (_, .application(let id)):
            guard let application = details.applications[id] else { return nil }
            // There has to be a connection before an application can name it; an empty list would admit every login.
            guard let allowed = account.allowed else {
                self.init("POST", base + "/idp_bridge", .object(JSONObject()), .bridge)
                return
            }
            var writer = JSONWriter()
            let policies = details.policiesOfApplications[id] ?? []
            application.write(to: &writer, account: account.account, policies: policies[...])
            guard var body = Self.parsed(writer.bytes) else { return nil }
            body["allowed_idps"] = [.string(allowed.uuid)]
            self.init("PUT", base + "/apps/\(id.uuid)", .object(body), .replaceApplication(id))
            if drift.kind == .danglingReference, Set(application.allowedIdPs).isSubset(of: drift.identityProviders) {
                note = "nobody can sign in to the application now; people of the primary identity provider could again"
            }
        case (.bypassPolicy, .policy(let id)):
            guard let policy = details.policies[id] else { return nil }
            if !policy.isReusable, let application = drift.application {
                self.init(
                    "DELETE", base + "/apps/\(application.uuid)/policies/\(id.uuid)", .object(JSONObject()),
                    .deletePolicy(id, of: application))
            } else {
                self.init(replacing: policy, base, drift, decision: .allow) { $0.narrowEveryone(to: details.people) }
            }
        case (.policyEveryone, .policy(let id)):
            guard let policy = details.policies[id] else { return nil }
            self.init(replacing: policy, base, drift, decision: policy.decision) { rules in
                rules.narrowEveryone(to: details.people)
                rules.narrowLogins(to: details.people, preferring: account)
            }
        case (.policyLoginMethodOther, .policy(let id)):
            guard let policy = details.policies[id] else { return nil }
            self.init(replacing: policy, base, drift, decision: policy.decision) { rules in
                rules.dropLogins(drift.identityProviders, people: details.people, account)
            }
        case (.danglingReference, .policy(let id)):
            guard let policy = details.policies[id] else { return nil }
            self.init(replacing: policy, base, drift, decision: policy.decision) {
                $0.dropDead(drift.identityProviders)
            }
        case (.danglingReference, .group(let id)):
            guard let group = details.groups[id], let body = Self.parsed(Array(group.document.text.utf8)) else {
                return nil
            }
            var rules = FixedRules(body)
            rules.dropDead(drift.identityProviders)
            var fixed = rules.body
            fixed["name"] = .string(group.name)
            fixed["is_default"] = .bool(group.isDefault)
            self.init("PUT", base + "/groups/\(id.uuid)", .object(fixed), .replaceGroup(id))
        default: return nil
        }
    }

    private init(_ method: String, _ path: String, _ body: JSONValue, _ step: Step) {
        self.step = step
        self.method = method
        self.path = path
        self.body = body
    }

    private init?(
        replacing policy: Policy, _ base: String, _ drift: Drift, decision: PolicyDecision,
        _ change: (inout FixedRules) -> Void
    ) {
        guard let document = Self.parsed(Array(policy.document.text.utf8)) else { return nil }
        var rules = FixedRules(document)
        change(&rules)
        var body = rules.body
        body["name"] = .string(policy.name)
        body["decision"] = .string(decision.rawValue)
        if !policy.isReusable, let application = drift.application {
            self.init(
                "PUT", base + "/apps/\(application.uuid)/policies/\(policy.id.uuid)", .object(body),
                .replacePolicy(policy.id, of: application))
        } else {
            self.init("PUT", base + "/policies/\(policy.id.uuid)", .object(body), .replacePolicy(policy.id, of: nil))
        }
    }

    private static func parsed(_ bytes: [UInt8]) -> JSONObject? {
        do throws(JSONError) { return try JSONParser.parse(bytes).objectValue } catch { return nil }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("method", method)
        writer.member("path", path)
        writer.member("body", body)
        if let note { writer.member("note", note) }
        writer.endObject()
    }
}
