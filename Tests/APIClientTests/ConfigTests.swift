import JSON
import Primitives
import Synchronization
import Testing

@testable import APIClient

@Suite("Configuration as code")
struct ConfigTests {
    private func live(_ server: FakeServer) async throws -> LiveOrganization? {
        let rows = try await server.client.all(APIPath("organizations"), paging: .pageToken)
        guard let id = rows.first(where: { $0["name"] == "Acme" })?["id"]?.stringValue else { return nil }
        return try await server.client.liveOrganization(id, width: 3)
    }

    private func apply(_ document: ConfigDocument, _ server: FakeServer, prune: Bool = false) async throws
        -> ConfigApply.Outcome
    {
        let live = try await live(server)
        let plan = try ConfigPlan(document, live: live, prune: prune)
        let apply = ConfigApply(client: server.client, width: 3, secret: { $0 == "SECRET" ? "s3cret" : nil })
        return await apply.run(plan, document: document, live: live)
    }

    @Test("a plan right after an apply or an export is empty, whatever the document", arguments: UInt64(1)...60)
    func roundTrip(seed: UInt64) async throws {
        var random = RandomDocument(seed: seed)
        let document = try random.document(accounts: 1 + Int(seed % 3))
        let server = FakeServer()
        let outcome = try await apply(document, server)
        #expect(outcome.failures.map { "\($0.title): \($0.error)" } == [])
        #expect(outcome.skipped == 0)
        let after = try #require(try await live(server))
        let again = try ConfigPlan(document, live: after, prune: true)
        // What pruning may find are the grants' own doing; there are none here.
        #expect(again.text() == "No difference.\n", "after the apply")

        let exported = try after.document()
        #expect(try ConfigPlan(exported, live: after, prune: true).text() == "No difference.\n", "after the export")
        // The file is what people keep, so its text has to say everything.
        let reread = try ConfigDocument(json: exported.json.pretty())
        #expect(reread == exported)

        let elsewhere = FakeServer()
        let copied = ConfigApply(client: elsewhere.client, secret: { _ in "s3cret" })
        let copy = await copied.run(try ConfigPlan(reread, live: nil, prune: false), document: reread, live: nil)
        #expect(copy.failures.map { "\($0.title): \($0.error)" } == [])
        let copyLive = try #require(try await live(elsewhere))
        #expect(try ConfigPlan(reread, live: copyLive, prune: true).text() == "No difference.\n", "on another server")
        #expect(Self.byKey(try copyLive.document()) == Self.byKey(exported))
    }

    /// Everything but the order, which follows from the references.
    private static func byKey(_ document: ConfigDocument) -> [String: JSONValue] {
        var resources: [String: JSONValue] = [:]
        for account in document.accounts {
            for kind in ConfigKind.all {
                for (key, resource) in account.items(of: kind) {
                    resources["\(account.key)/\(kind.member)/\(key)"] = resource
                }
            }
            resources["\(account.key)/settings"] = .object(account.settings)
            resources["\(account.key)/zero_trust"] = account.zeroTrust.map(JSONValue.object)
            resources["\(account.key)/keys"] = account.keys.map(JSONValue.object)
        }
        resources["organization"] = .object(document.organization)
        resources["primary_idp"] = document.primary.map(JSONValue.object)
        return resources
    }

    @Test("an apply changes exactly what the plan says, then nothing", arguments: UInt64(100)...120)
    func incremental(seed: UInt64) async throws {
        var random = RandomDocument(seed: seed)
        let document = try random.document(accounts: 2)
        let server = FakeServer()
        _ = try await apply(document, server)
        let changed = random.changed(document)
        let before = server.writes.count
        let plan = try ConfigPlan(changed, live: try await live(server), prune: false)
        #expect(plan.changes.count <= 1)
        let outcome = try await apply(changed, server)
        #expect(outcome.failures.isEmpty)
        #expect(server.writes.count - before == plan.changes.count)
        #expect(try ConfigPlan(changed, live: try await live(server), prune: true).isEmpty)
    }

    @Test("going back to an older file with --prune leaves what it says and nothing else", arguments: UInt64(200)...220)
    func prune(seed: UInt64) async throws {
        var random = RandomDocument(seed: seed)
        let old = try random.document(accounts: 2)
        let server = FakeServer()
        _ = try await apply(old, server)
        var empty = old
        for index in empty.accounts.indices {
            for kind in ConfigKind.all { empty.accounts[index].sections[kind.member] = [] }
            empty.accounts[index].zeroTrust?["custom_pages"] = ["forbidden": .null]
        }
        empty.primary = nil
        let outcome = try await apply(empty, server, prune: true)
        #expect(outcome.failures.map { "\($0.title): \($0.error)" } == [])
        let after = try #require(try await live(server))
        #expect(after.accounts.allSatisfy { account in account.sections.values.allSatisfy(\.isEmpty) })
        #expect(try await apply(old, server).failures.map { "\($0.title): \($0.error)" } == [])
        #expect(try ConfigPlan(old, live: try await live(server), prune: true).isEmpty)
    }

    @Test("secrets are sent from the environment, never exported, and stay when the variable is missing")
    func secrets() async throws {
        let server = FakeServer()
        var document = try ConfigDocument(json: Self.small)
        _ = try await apply(document, server)
        #expect(sentSecrets(server) == ["s3cret"])
        let exported = try #require(try await live(server)).document().json.serialized()
        #expect(!exported.contains("s3cret"))
        #expect(!exported.contains("****"))
        #expect(exported.contains(#"{"$env":"ORG_EMEA_OKTA_CLIENT_SECRET"}"#))
        // Another variable that is not set: the rest of the change goes through without a secret.
        document.accounts[0].sections["identity_providers"] = [
            ["name": "Okta", "type": "oidc", "config": ["client_id": "new", "client_secret": ["$env": "MISSING"]]]
        ]
        #expect(try await apply(document, server).failures.isEmpty)
        #expect(sentSecrets(server) == ["s3cret"])
        document.accounts[0].sections["identity_providers"]?.append(
            ["name": "Second", "type": "oidc", "config": ["client_id": "x", "client_secret": ["$env": "MISSING"]]])
        let failure = try #require(try await apply(document, server).failures.first)
        #expect("\(failure.error)".contains("MISSING"))
    }

    private func sentSecrets(_ server: FakeServer) -> [String] {
        server.state.withLock { state in
            state.requests.compactMap { request in
                request.body.flatMap { try? JSONParser.parse($0) }?.at(["config", "client_secret"])?.stringValue
            }
        }
    }

    private static let small = """
        {"organization": {"name": "Acme"}, "accounts": [{"name": "EMEA",
         "zero_trust": {"name": "EMEA", "auth_domain": "emea.access.localhost"},
         "identity_providers": [{"name": "Okta", "type": "oidc",
           "config": {"client_id": "c", "client_secret": {"$env": "SECRET"}}}],
         "service_tokens": [{"name": "ci"}]}]}
        """

    @Test("new service tokens come back with the secret that is shown once")
    func issued() async throws {
        let server = FakeServer()
        let outcome = try await apply(try ConfigDocument(json: Self.small), server)
        #expect(outcome.issued.map(\.name) == ["ci"])
        #expect(outcome.issued.map { $0.secret.exposed() } == ["cfast_secret"])
        #expect(!"\(outcome.issued)".contains("cfast_secret"))
    }

    @Test("a circle of references is created in two steps and lets nobody in meanwhile")
    func circle() async throws {
        let server = FakeServer()
        var document = try ConfigDocument(json: Self.small)
        let rule: JSONValue = ["linked_app_token": ["app_uid": "wiki"]]
        document.accounts[0].sections["apps"] = [
            ["name": "wiki", "type": "self_hosted", "domain": "w.x.org", "policies": ["P"]]
        ]
        document.accounts[0].sections["policies"] = [["name": "P", "decision": "allow", "include": [rule]]]
        let outcome = try await apply(document, server)
        #expect(outcome.failures.map { "\($0.title): \($0.error)" } == [])
        #expect(try ConfigPlan(document, live: try await live(server), prune: true).text() == "No difference.\n")
        let first = server.state.withLock { state in
            state.requests.first { $0.url.hasSuffix("/access/policies") && $0.method == "POST" }?.body
        }
        #expect(String(decoding: first ?? [], as: UTF8.self).contains("nobody@preliminary.invalid"))
    }

    @Test("a reference that nothing bears is named before anything of it is sent")
    func danglingReference() async throws {
        let server = FakeServer()
        var document = try ConfigDocument(json: Self.small)
        document.accounts[0].sections["apps"] = [
            ["name": "wiki", "type": "self_hosted", "domain": "w.x.org", "policies": ["Nobody"]]
        ]
        let failure = try #require(try await apply(document, server).failures.first)
        #expect(
            failure.error == .invalidInput("application \"wiki\" names the policy \"Nobody\", which does not exist"))
        #expect(!server.writes.contains { $0.hasSuffix("/access/apps") })
    }

    @Test(
        "a document with a mistake is refused with its place",
        arguments: [
            ("[]", "object"), (#"{"organization":{}}"#, "/organization/name"),
            (#"{"version":2,"organization":{"name":"a"}}"#, "/version"),
            (#"{"organization":{"name":"a"},"acounts":[]}"#, "/acounts"),
            (#"{"organization":{"name":"a"},"accounts":[{}]}"#, "/accounts/0/name"),
            (#"{"organization":{"name":"a"},"accounts":[{"name":"x","app":[]}]}"#, "/accounts/0/app"),
            (#"{"organization":{"name":"a"},"accounts":[{"name":"x","apps":{}}]}"#, "/accounts/0/apps"),
            (#"{"organization":{"name":"a"},"accounts":[{"name":"x","apps":[1]}]}"#, "/accounts/0/apps/0"),
            (#"{"organization":{"name":"a"},"organization":{"name":"b"}}"#, "duplicateKey"),
        ])
    func brokenDocuments(text: String, place: String) {
        let error = #expect(throws: ClientError.self) { try ConfigDocument(json: text) }
        #expect(error?.outcome == .invalidInput)
        #expect(error.map { "\($0)".contains(place) } == true)
    }

    @Test("repeated names get numbers that no real name has")
    func uniqueKeys() {
        #expect(UniqueKeys.keys(of: ["a", "a", "a#2", "a", "b"]) == ["a", "a#3", "a#2", "a#4", "b"])
        #expect(UniqueKeys.keys(of: ["bridge:x"], avoiding: ["bridge:x"]) == ["bridge:x#2"])
    }

    @Test(
        "spellings that the server treats as one are no difference",
        arguments: [
            ("domain", "Wiki.X.org/Path", "wiki.x.org/Path", true),
            ("domain", "wiki.x.org/path", "wiki.x.org/Path", false),
            ("ip", "10.1.2.3/8", "10.0.0.0/8", true), ("ip", "10.1.2.3", "10.1.2.3/32", true),
            ("ip", "::1", "::1/128", true),
            ("ip", "10.1.2.3/33", "10.0.0.0/8", false), ("country_code", "pt", "PT", true), ("name", "A", "a", false),
            ("name", " a ", "a", true),
        ])
    func canonical(key: String, wanted: String, live: String, same: Bool) {
        let found = Comparison.differences(
            wanted: [key].reduce([:]) { $0.setting([$1], to: .string(wanted)) },
            live: JSONValue.object([:]).setting([key], to: .string(live)))
        #expect(found.isEmpty == same)
    }

    @Test("what the file leaves out is not compared, null means the default, lists are compared as wholes")
    func comparison() {
        let live: JSONValue = ["a": 1, "b": "24h", "list": [1, 2], "o": ["x": 1, "y": 2], "off": false]
        func paths(_ wanted: JSONValue) -> [String] {
            Comparison.differences(wanted: wanted, live: live, defaults: ["b": "24h"]).map(\.path)
        }
        #expect(paths([:]) == [])
        #expect(paths(["a": 1.0, "b": .null, "c": .null, "d": [], "off": .null]) == [])
        #expect(paths(["a": .null]) == ["a"])
        #expect(paths(["list": [1]]) == ["list"])
        #expect(paths(["list": [2, 1]]) == ["list"])
        #expect(paths(["o": ["y": 3]]) == ["o.y"])
        #expect(paths(["o": ["z": 3]]) == ["o.z"])
    }
}
