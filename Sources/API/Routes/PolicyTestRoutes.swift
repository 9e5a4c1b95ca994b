import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Trying policies before anybody depends on them (contract 20 §13, §8).
enum PolicyTestRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/access/policy-tests"
    static let one = base + "/{policy_test_id}"

    static let table: [Route] = [
        Route(.post, base, "createPolicyTest", .access(.appsWrite), .policyTest, .wait(create)),
        Route(.get, one, "getPolicyTest", .access(.appsRead), .policyTest, .read(get)),
        Route(.get, one + "/users", "listPolicyTestUsers", .access(.appsRead), .policyTest, .read(users)),
        Route(
            .get, ApplicationRoutes.one + "/user_policy_checks", "checkUserPolicies", .access(.appsRead), .application,
            .read(check)),
    ]

    /// Answers once everybody is judged; meanwhile the test can be read.
    @Sendable static func create(_ call: WaitCall) async throws(Failure) -> FinalAnswer {
        let tested = try refusing { () throws(Refusal) in try TestedPolicy.list(in: call.body) }
        let existing = tested.map(\.existing)
        let drafts = tested.map(\.draft)
        let account = call.account
        let policies = try await call.read { (reader) throws(Failure) in
            try reader.policySet(existing: existing, drafts: drafts, in: account)
        }
        let id = PolicyTestID(at: call.call.now)
        let location = "\(call.call.uri)/\(id.uuid)"
        let answer = try await call.perform { (act) throws(Failure) in
            try act.beginPolicyTest(id, of: drafts, in: account)
            return .resource(.created, location: location) { writer, _ in
                writer.beginObject()
                writer.member("id", uuid: id)
                writer.member("status", "success")
                writer.endObject()
            }
        }
        // A repeated request gets the answer of the first, whose test has run.
        if answer.status == Status.created.code, !answer.isReplay {
            try await call.call.plane.runPolicyTest(id, policies, in: account)
        }
        return answer
    }

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        let test = try test(call)
        return .found { test.write(to: &$0, at: call.call.now) }
    }

    @Sendable static func users(_ call: ReadCall) throws(Failure) -> Reply {
        let test = try test(call)
        let page = try call.query.page()
        let status: PolicyTestResult.Status? =
            switch try call.query.oneOf("status", ["success", "fail", "error"]) {
            case "success": .approved
            case "fail": .blocked
            case "error": .error
            default: nil
            }
        return .list(try call.reader.results(of: test.id, status, page), page) { $0.write(to: &$1) }
    }

    private static func test(_ call: ReadCall) throws(Failure) -> PolicyTest {
        guard let test = try call.reader.policyTest(call.path.uuid("policy_test_id"), in: call.account) else {
            throw .refused(.accessNotFound, "policy test not found")
        }
        return test
    }

    /// What the application's policies say to the caller, or to whomever the query describes.
    @Sendable static func check(_ call: ReadCall) throws(Failure) -> Reply {
        let groups = call.query.texts("group")
        let amr = call.query.texts("amr")
        let asked = AskedVisitor(
            email: call.query.text("email") ?? call.call.principal.email, address: try address(call.query),
            country: try country(call.query), groups: groups.isEmpty ? nil : groups, amr: amr.isEmpty ? nil : amr,
            provider: try provider(call.query))
        let check = try call.reader.policyCheck(
            of: call.path.application, for: asked, in: call.account, at: call.call.now)
        return .found { check.write(to: &$0, account: call.account) }
    }

    private static func address(_ query: QueryReader) throws(Failure) -> IPAddress? {
        guard let text = query.text("ip") else { return nil }
        guard let address = IPAddress(text) else { throw query.invalid("ip", "must be an IPv4 or IPv6 address") }
        return address
    }

    private static func country(_ query: QueryReader) throws(Failure) -> String? {
        guard let text = query.text("country") else { return nil }
        guard text.isCountryCode else {
            throw query.invalid("country", "must be an ISO 3166-1 alpha-2 code in upper case")
        }
        return text
    }

    private static func provider(_ query: QueryReader) throws(Failure) -> IdentityProviderID? {
        guard let text = query.text("idp_id") else { return nil }
        guard let id = IdentityProviderID(uuid: text) else { throw query.invalid("idp_id", "must be a UUID") }
        return id
    }
}

extension TestedPolicy {
    fileprivate var existing: PolicyID? { if case .existing(let id) = self { id } else { nil } }
    fileprivate var draft: PolicyDraft? { if case .draft(let draft) = self { draft } else { nil } }
}

extension PolicyCheck {
    fileprivate func write(to writer: inout JSONWriter, account: AccountID) {
        writer.beginObject()
        writer.key("app_state")
        writer.beginObject()
        writer.member("app_uid", uuid: application.id)
        writer.member("aud", application.audience.hex)
        writer.member("hostname", application.domain ?? "")
        writer.member("name", application.name)
        writer.member("status", explanation.decision.isAdmission ? "Success" : "Denied")
        writer.key("policies")
        writer.beginArray()
        for finding in explanation.findings {
            writer.beginObject()
            writer.member("id", uuid: finding.policy)
            writer.member("name", finding.name)
            writer.member("decision", finding.decision.rawValue)
            writer.member("status", finding.outcome == .decides)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        writer.key("user_identity")
        writeIdentity(to: &writer, account: account)
        writer.key("explanation")
        explanation.write(to: &writer, groups: groups)
        writer.endObject()
    }

    private func writeIdentity(to writer: inout JSONWriter, account: AccountID) {
        writer.beginObject()
        if let identity = visitor.identity {
            writer.member("id", identity.subject)
            writer.member("account_id", hex: account)
            writer.member("email", identity.email)
            writer.member("name", identity.name)
            writer.member("user_uuid", uuid: identity.user)
            writer.key("idp")
            writer.beginObject()
            writer.member("id", uuid: identity.provider.id)
            writer.member("type", identity.provider.type.rawValue)
            writer.endObject()
            writer.member("groups", identity.groups)
            writer.member("amr", identity.amr)
            writer.member("iat", Int(identity.authenticatedAt.microseconds / 1_000_000))
        }
        writer.key("geo")
        writer.beginObject()
        writer.member("country", visitor.country ?? "")
        writer.endObject()
        writer.key("device_sessions")
        writer.beginObject()
        writer.endObject()
        writer.member("is_gateway", false)
        writer.member("is_warp", false)
        writer.member("version", 2)
        writer.endObject()
    }
}
