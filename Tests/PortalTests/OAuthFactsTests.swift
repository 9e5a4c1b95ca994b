import HTTP
import JSON
import TestKit
import Testing

/// What consent and renewal know of a program's requests, and what the gate knows (contract 20 §12).
@Suite("Managed OAuth: rules about requests", .serialized)
struct OAuthFactsTests {
    static let certificate: [(String, String)] = [
        ("x-orgd-client-cert-verified", "SUCCESS"), ("x-orgd-client-cert-cn", "laptop"),
    ]

    /// Rules that nobody can evaluate who does not see the program's requests.
    static let unknowable: [JSONValue] = [
        ["certificate": [:]], ["common_name": ["common_name": "laptop"]],
        ["external_evaluation": ["evaluate_url": "https://e.example/ask", "keys_url": "https://e.example/keys"]],
        ["device_posture": ["integration_uid": "0a5cb2ba-9e26-4d9b-8d4e-8bd0c5f0a0a1"]],
    ]

    @Test("a rule that consent cannot evaluate admits nobody and excludes everybody", arguments: unknowable)
    func consent(rule: JSONValue) async throws {
        for policy in [
            GateWorld.allow(rule), GateWorld.allow(GateWorld.staff, require: [rule]),
            GateWorld.allow(GateWorld.staff, exclude: [rule]),
        ] {
            let world = try await OAuthWorld()
            let client = await world.client()
            try await world.change(policies: [policy])
            #expect(await world.authorize(client).answer["error"] == "access_denied", "\(rule) \(policy)")
            #expect(try await world.log() == ["oauth_authorize 0 Ann@example.com denied Agent"])
        }
        // One that can be evaluated beside it decides.
        let world = try await OAuthWorld(policies: [GateWorld.allow(rule, GateWorld.staff)])
        #expect(await world.use(await world.tokens(await world.client()).access).status == .ok)
    }

    @Test("so does a rule about tokens of another application")
    func linkedTokens() async throws {
        let world = try await OAuthWorld()
        let client = await world.client()
        let other = await world.gate.application([GateWorld.allow(GateWorld.staff)], at: "other.localhost")
        let rule: JSONValue = ["linked_app_token": ["app_uid": .string(other)]]
        for policy in [
            GateWorld.allow(rule), GateWorld.allow(GateWorld.staff, require: [rule]),
            GateWorld.allow(GateWorld.staff, exclude: [rule]),
        ] {
            try await world.change(policies: [policy])
            #expect(await world.authorize(client).answer["error"] == "access_denied", "\(policy)")
        }
    }

    @Test(
        "at the gate a program's certificate counts; its token is not renewed on the strength of one that nobody sees")
    func certificates() async throws {
        for (policy, with, without) in [
            (GateWorld.allow(GateWorld.staff, require: [["certificate": [:]]]), Status.ok, Status.forbidden),
            (GateWorld.allow(GateWorld.staff, exclude: [["common_name": ["common_name": "laptop"]]]), .forbidden, .ok),
        ] {
            let world = try await OAuthWorld()
            let client = await world.client()
            let tokens = await world.tokens(client)
            try await world.change(policies: [policy])
            #expect(await world.use(tokens.access, Self.certificate).status == with, "\(policy)")
            #expect(await world.use(tokens.access).status == without, "\(policy)")
            #expect(await world.refresh(client, tokens.refresh).error == "invalid_grant", "\(policy)")
            #expect(try await world.log().last == "oauth_refresh 0 Ann@example.com denied Agent")
        }
    }

    @Test("service tokens never come with a program, so that a rule about them is known not to be fulfilled")
    func serviceTokens() async throws {
        let world = try await OAuthWorld(policies: [
            GateWorld.allow(GateWorld.staff, exclude: [["any_valid_service_token": [:]]])
        ])
        let client = await world.client()
        let tokens = await world.tokens(client)
        #expect(await world.use(tokens.access).status == .ok)
        #expect(await world.refresh(client, tokens.refresh).status == .ok)
    }

    @Test("address rules see the browser at consent, and the program from then on")
    func addresses() async throws {
        let rule: JSONValue = ["ip": ["ip": "203.0.113.0/24"]]
        let world = try await OAuthWorld()
        let client = await world.client()
        let tokens = await world.tokens(client)
        try await world.change(policies: [GateWorld.allow(GateWorld.staff, require: [rule])])
        let inside: [(String, String)] = [("x-forwarded-for", "203.0.113.7")]
        #expect(await world.use(tokens.access).status == .forbidden)
        #expect(
            await world.gate.ask(
                "/", host: OAuthWorld.host, as: .program, from: "203.0.113.7",
                fields: [("authorization", "Bearer \(tokens.access)")]
            ).status == .ok)
        let form = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh), ("client_id", client)]
        #expect(await world.post("/cdn-cgi/access/oauth/token", form, inside).status == .ok)
    }
}
