import HTTP
import JSON
import TestKit
import Testing

@Suite("Forward-auth: preflights")
struct GatePreflightTests {
    private static let fields = [
        ("origin", "https://shop.example.org"), ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "X-One, content-type"),
    ]

    private func preflight(
        _ world: GateWorld, origin: String = "https://shop.example.org", query: String = ""
    ) async -> Response {
        var fields = Self.fields
        fields[0].1 = origin
        return await world.ask(method: "OPTIONS", as: .program, fields: fields, query: query)
    }

    @Test("is refused where nothing is said of it")
    func refused() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.allow(GateWorld.staff)])
        let answer = await preflight(world)
        #expect(answer.status == .forbidden)
        #expect(answer.value("access-control-allow-origin") == nil)
    }

    @Test("passes where policies bypass, and where the application lets it")
    func bypassed() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.allow(GateWorld.staff)], ["options_preflight_bypass": true])
        let answer = await preflight(world)
        #expect(answer.status == .ok)
        #expect(answer.assertion == "")
        // Only preflights: any other OPTIONS is a request like another.
        #expect(await world.ask(method: "OPTIONS", as: .program).status == .unauthorized)
        #expect(
            await world.ask(method: "OPTIONS", as: .program, fields: [("origin", "https://shop.example.org")]).status
                == .unauthorized)
        #expect(await world.ask(method: "POST", as: .program, fields: Self.fields).status == .unauthorized)

        let open = try await GateWorld()
        await open.application([GateWorld.bypass(GateWorld.everyone)])
        #expect(await preflight(open).status == .ok)
    }

    @Test("is answered by the rules of the application")
    func listed() async throws {
        let world = try await GateWorld()
        await world.application(
            [GateWorld.allow(GateWorld.staff)],
            [
                "cors_headers": [
                    "allowed_origins": ["https://shop.example.org"], "allowed_methods": ["GET", "PUT"],
                    "allowed_headers": ["X-One", "Content-Type"], "allow_credentials": true, "max_age": 600,
                ]
            ])
        let answer = await preflight(world)
        #expect(answer.status == .noContent)
        #expect(answer.value("access-control-allow-origin") == "https://shop.example.org")
        #expect(answer.value("access-control-allow-credentials") == "true")
        #expect(answer.value("access-control-allow-methods") == "GET, PUT")
        #expect(answer.value("access-control-allow-headers") == "X-One, Content-Type")
        #expect(answer.value("access-control-max-age") == "600")
        #expect(answer.value("vary")?.contains("Origin") == true)
        #expect(answer.assertion == "")
        let stranger = await preflight(world, origin: "https://shop.example.org.evil.example")
        #expect(stranger.status == .noContent)
        for name in ["origin", "credentials", "methods", "headers"] {
            #expect(stranger.value("access-control-allow-\(name)") == nil)
        }
        let nginx = await preflight(world, query: "?proxy=nginx")
        #expect(nginx.status == .unauthorized)
        #expect(nginx.value("location") == nil)
    }

    @Test("wildcards name what was asked for, and never go with credentials")
    func wildcards() async throws {
        let world = try await GateWorld()
        await world.application(
            [GateWorld.allow(GateWorld.staff)],
            ["cors_headers": ["allow_all_origins": true, "allow_all_methods": true, "allow_all_headers": true]])
        let answer = await preflight(world, origin: "https://anybody.example")
        #expect(answer.value("access-control-allow-origin") == "*")
        #expect(answer.value("access-control-allow-methods") == "PUT")
        #expect(answer.value("access-control-allow-headers") == "x-one, content-type")
        #expect(answer.value("access-control-allow-credentials") == nil)
        #expect(answer.value("access-control-max-age") == nil)

        let second = try await GateWorld()
        await second.application(
            [GateWorld.allow(GateWorld.staff)],
            ["cors_headers": ["allowed_origins": ["*"], "allow_credentials": true]])
        #expect(await preflight(second).value("access-control-allow-origin") == nil)
    }
}
