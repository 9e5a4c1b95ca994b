import APIClient
import JSON
import Primitives
import Synchronization
import Testing

@Suite("Names")
struct NamesTests {
    private static let rows: [JSONValue] = [
        ["id": "00000000-0000-0000-0000-000000000001", "name": "wiki", "domain": "wiki.x.org", "type": "self_hosted"],
        ["id": "00000000-0000-0000-0000-000000000002", "name": "Mail", "domain": "mail.x.org", "type": "saas"],
        ["id": "00000000-0000-0000-0000-000000000003", "name": "dup", "domain": "one.x.org", "type": "saas"],
        ["id": "00000000-0000-0000-0000-000000000004", "name": "dup", "domain": "two.x.org", "type": "saas"],
    ]

    @Test(
        "a name, a domain and a name in another case select",
        arguments: [("wiki", 1), ("mail.x.org", 2), ("mail", 2), ("two.x.org", 4)])
    func selects(text: String, number: Int) throws {
        let id = try Client.select(.app, named: text, among: Self.rows)
        #expect(id.hasSuffix(String(number)))
    }

    @Test("an ambiguous name lists who bears it")
    func ambiguous() {
        let expected = ClientError.ambiguousName(
            kind: "application", name: "dup",
            candidates: [
                NameCandidate(id: "00000000-0000-0000-0000-000000000003", detail: "one.x.org, saas"),
                NameCandidate(id: "00000000-0000-0000-0000-000000000004", detail: "two.x.org, saas"),
            ])
        #expect(throws: expected) { try Client.select(.app, named: "dup", among: Self.rows) }
    }

    @Test(
        "an unknown name suggests similar ones",
        arguments: [("wkii", ["wiki"]), ("zzzzzzzz", []), ("wik", ["wiki", "wiki.x.org"])])
    func unknown(text: String, near: [String]) {
        #expect(throws: ClientError.unknownName(kind: "application", name: text, near: near)) {
            try Client.select(.app, named: text, among: Self.rows)
        }
    }

    @Test("an identifier needs no request")
    func identifiers() async throws {
        let server = FakeServer()
        let id = "0123456789abcdef0123456789abcdef"
        #expect(try await server.client.identifier(of: .account, named: id, in: .root) == id)
        #expect(server.state.withLock { $0.requests.isEmpty })
        #expect(!ResourceKind.account.isIdentifier(id.uppercased()))
        #expect(!ResourceKind.app.isIdentifier(id))
    }

    @Test("rules have short forms, with names where resources are meant")
    func rules() async throws {
        let expected: [(String, JSONValue)] = [
            ("everyone", ["everyone": [:]]), ("email:a@x.org", ["email": ["email": "a@x.org"]]),
            ("group:Staff", ["group": ["id": "id-of-Staff"]]), ("ip:fd00::/8", ["ip": ["ip": "fd00::/8"]]),
            ("okta:Okta/Eng/One", ["okta": ["name": "Eng/One", "identity_provider_id": "id-of-Okta"]]),
            (
                "oidc:Okta/role=admin=1",
                ["oidc": ["claim_name": "role", "claim_value": "admin=1", "identity_provider_id": "id-of-Okta"]]
            ),
            ("user_risk_score:low,medium", ["user_risk_score": ["user_risk_score": ["low", "medium"]]]),
            (#"{"email":{"email":"b@x.org"}}"#, ["email": ["email": "b@x.org"]]),
        ]
        for (text, rule) in expected {
            let parsed = try await RuleShorthand.rule(text) { _, name in "id-of-\(name)" }
            #expect(parsed == rule, "\(text)")
        }
    }

    @Test(
        "a wrong rule is misuse",
        arguments: ["emial:a@x.org", "email", "email:", "everyone:x", "okta:Eng", "oidc:Okta/role", "{"])
    func wrongRules(text: String) async {
        let error = await #expect(throws: ClientError.self) { try await RuleShorthand.rule(text) { _, name in name } }
        #expect(error?.outcome == .usage)
    }

    @Test("profiles keep everything but never describe a token")
    func profiles() throws {
        var profiles = Profiles()
        profiles["staging"] = Profile(url: "https://s", token: Secret("cfut_secret"), account: "EMEA")
        profiles["default"] = Profile(url: "http://localhost:8787", token: nil, organization: "Acme")
        profiles.current = "staging"
        let read = try Profiles(json: profiles.json.exposed())
        #expect(read.current == "staging")
        #expect(read.names == ["staging", "default"])
        #expect(read["staging"]?.token?.exposed() == "cfut_secret")
        #expect(read["staging"]?.account == "EMEA")
        #expect(read["default"]?.organization == "Acme")
        #expect(!"\(read)".contains("cfut_secret"))
        #expect(!String(reflecting: read).contains("cfut_secret"))
    }

    @Test(
        "a token goes to the host it was stored for, and not from https to http",
        arguments: [
            ("http://a.org:1", "http://a.org:2", true), ("https://a.org", "https://A.org/", true),
            ("http://a.org", "https://a.org", true), ("https://a.org", "http://a.org", false),
            ("https://a.org", "https://b.org", false), ("https://a.org", "https://a.org.evil.org", false),
            ("https://a.org", "https://a.org@evil.org", false), ("", "", false),
        ])
    func tokenHosts(stored: String, asked: String, shared: Bool) {
        #expect(ServerAddress(stored).mayShareToken(with: ServerAddress(asked)) == shared)
    }

    @Test(
        "a broken profile file is named without its contents",
        arguments: ["", "[]", #"{"profiles":{"a":{"token":"cfut_x"}}}"#])
    func brokenProfiles(text: String) {
        let error = #expect(throws: ClientError.self) { try Profiles(json: text) }
        #expect(error.map { !"\($0)".contains("cfut_x") } == true)
    }
}

@Suite("Account import")
struct AccountImportTests {
    @Test("quotes, line breaks in cells, CRLF, a byte order mark and empty lines are understood")
    func csv() throws {
        let table = try CSVReader("\u{feff}Name,Team\r\n\"Acme, \"\"North\"\"\",north\r\n\r\n\"two\nlines\",x\nlast,")
        #expect(table.header == ["name", "team"])
        #expect(table.rows.map(\.cells) == [["Acme, \"North\"", "north"], ["two\nlines", "x"], ["last", ""]])
        #expect(table.rows.map(\.line) == [2, 4, 6])
        #expect(table.value("team", of: table.rows[2]) == nil)
    }

    @Test(
        "a broken table is refused with its line",
        arguments: [
            ("", "header"), ("name\n\"a", "line 2"), ("name\n\"a\"b", "line 2"), ("title\na", "name"),
            ("name,colour\na,b", "colour"),
        ])
    func broken(text: String, names: String) {
        let error = #expect(throws: ClientError.self) { try AccountImport(try CSVReader(text)) }
        #expect(error?.outcome == .invalidInput)
        #expect(error.map { "\($0)".contains(names) } == true)
    }

    @Test("rows that cannot be provisioned are mistakes with their line, the others entries")
    func mistakes() throws {
        let table = try AccountImport(try CSVReader("name,organization\nA,Acme\n,Acme\nA,Acme\nA,Other\nB,Acme,more\n"))
        #expect(table.entries.map(\.line) == [2, 5])
        #expect(table.mistakes.map(\.line) == [3, 4, 6])
    }

    @Test("parallel work keeps its order and its width")
    func parallel() async {
        let results = await inParallel(Array(0..<100), width: 7) { $0 * 2 }
        #expect(results == (0..<100).map { $0 * 2 })
        #expect(await inParallel([Int](), width: 3) { $0 }.isEmpty)
    }
}
