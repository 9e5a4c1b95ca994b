import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import TestKit
import Testing

/// What the gate remembers, compared with a clock that is set wrong and right again.
@Suite("Forward-auth: a clock that jumps")
struct GateClockTests {
    private static let year = Duration.seconds(365 * 86_400)

    private func claims(_ answer: Response) throws -> JSONValue {
        let parts = (answer.assertion ?? "").split(separator: ".")
        return try JSONParser.parse(Base64URL.decode(parts.count == 3 ? parts[1] : "") ?? [])
    }

    @Test("a token is good for its time and no longer, remembered or not", arguments: [true, false])
    func tokens(_ isRemembered: Bool) async throws {
        let world = try await GateWorld()
        let app = await world.application([GateWorld.allow(GateWorld.staff)])
        let clock = world.world.clock
        func ask(_ token: String) async throws -> Status {
            // Any change makes the gate forget.
            if !isRemembered { await world.setTeam(["name": "acme"]) }
            return await world.ask(cookies: ["CF_Authorization=\(token)"]).status
        }
        let now = try await world.signIn("ann@example.com", to: app).application
        #expect(try await ask(now) == .ok)
        clock.advance(by: Self.year)
        #expect(try await ask(now) == .found)
        let future = try await world.signIn("ann@example.com", to: app).application
        #expect(try await ask(future) == .ok)
        clock.advance(by: .zero - Self.year)
        // It would be good for a year and an hour.
        #expect(try await ask(future) == .found)
        #expect(try await ask(now) == .ok)
        // A clock that is corrected by seconds turns nobody away.
        let recent = try await world.signIn("bob@example.com", to: app).application
        clock.advance(by: .seconds(-30))
        #expect(try await ask(recent) == .ok)
        clock.advance(by: .seconds(3631))
        #expect(try await ask(recent) == .found)
    }

    @Test("a service token is vouched for by assertions of now, and its failures are logged")
    func machines() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.nonIdentity(GateWorld.anyServiceToken)])
        let robot = await world.serviceToken()
        let clock = world.world.clock
        func ask(_ secret: String? = nil) async -> Response {
            await world.ask(
                as: .program,
                fields: [("cf-access-client-id", robot.client), ("cf-access-client-secret", secret ?? robot.secret)])
        }
        func rows() async throws -> Int {
            try await world.settle()
            return try await world.world.texts("SELECT reason FROM access_requests WHERE allowed = 0").count
        }
        clock.advance(by: .seconds(30 * 86_400))
        #expect(await ask().status == .ok)
        #expect(await ask("wrong").status == .unauthorized)
        #expect(try await rows() == 1)
        clock.advance(by: .seconds(-30 * 86_400))
        let answer = await ask()
        #expect(answer.status == .ok)
        let made = try claims(answer)["iat"]?.integerValue ?? .max
        #expect(made <= clock.now.seconds)
        #expect(await ask("wrong").status == .unauthorized)
        #expect(try await rows() == 2)
    }

    @Test("the secret before the last ends when its grace does, whichever way the clock came there")
    func grace() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.nonIdentity(GateWorld.anyServiceToken)])
        let robot = await world.serviceToken()
        let clock = world.world.clock
        let end = clock.now + .seconds(600)
        let rotated = await world.world.post(
            "/accounts/\(world.account)/access/service_tokens/\(robot.id)/rotate",
            ["previous_client_secret_expires_at": .string(end.rfc3339())])
        func ask(_ secret: String) async -> Status {
            await world.ask(
                as: .program, fields: [("cf-access-client-id", robot.client), ("cf-access-client-secret", secret)]
            ).status
        }
        let new = rotated.text("client_secret")
        #expect(await ask(robot.secret) == .ok)
        clock.advance(by: Self.year)
        #expect(await ask(robot.secret) == .unauthorized)
        // The token itself lasts a year.
        #expect(await ask(new) == .unauthorized)
        clock.advance(by: .zero - Self.year - .seconds(86_400))
        #expect(await ask(robot.secret) == .ok)
        #expect(await ask(new) == .ok)
        clock.advance(by: .seconds(86_400 + 601))
        #expect(await ask(robot.secret) == .unauthorized)
        #expect(await ask(new) == .ok)
    }

    @Test("a session of a service token that begins in the future is replaced by one of now")
    func machineSessions() async throws {
        let world = try await GateWorld()
        await world.application([GateWorld.nonIdentity(GateWorld.anyServiceToken)], ["session_duration": "1h"])
        await world.setTeam(["strict_service_token_auth": false])
        let robot = await world.serviceToken()
        let pair = [("cf-access-client-id", robot.client), ("cf-access-client-secret", robot.secret)]
        world.world.clock.advance(by: .seconds(86_400))
        let future = await world.ask(as: .program, fields: pair).cookie("CF_Authorization") ?? ""
        #expect(!future.isEmpty)
        world.world.clock.advance(by: .seconds(-86_400))
        #expect(await world.ask(as: .program, cookies: ["CF_Authorization=\(future)"]).status == .forbidden)
        let renewed = await world.ask(as: .program, cookies: ["CF_Authorization=\(future)"], fields: pair)
        #expect(renewed.status == .ok)
        let cookie = renewed.cookie("CF_Authorization") ?? ""
        #expect(!cookie.isEmpty && cookie != future)
        #expect(await world.ask(as: .program, cookies: ["CF_Authorization=\(cookie)"]).status == .ok)
    }

    @Test("who guessed in a future that did not come has not to wait for it")
    func limits() throws {
        let limiter = RateLimiter(failuresPerMinute: 3, requestsPerSecond: 1)
        let (now, address) = (Timestamp(seconds: 1_772_000_000), IPAddress.loopbackV4)
        let future = now + Self.year
        for _ in 0..<3 { limiter.noteFailure(from: address, at: future) }
        #expect(throws: Refusal.self) { try limiter.admit(address, at: future) }
        try limiter.admit(address, at: now)
        // Failures of now count from one.
        limiter.noteFailure(from: address, at: future)
        for _ in 0..<2 { limiter.noteFailure(from: address, at: now) }
        try limiter.admit(address, at: now)
        limiter.noteFailure(from: address, at: now)
        #expect(throws: Refusal.self) { try limiter.admit(address, at: now) }
        try limiter.spend([1], at: future)
        #expect(throws: Refusal.self) { try limiter.spend([1], at: now) }
        try limiter.spend([1], at: now + .seconds(1))

        let sliding = SlidingLimit<Int>(1, in: .seconds(60))
        #expect(sliding.spend(1, at: future) == nil)
        #expect(sliding.spend(1, at: now) == nil)
        #expect(sliding.spend(1, at: now).map { $0 <= .seconds(60) } == true)
    }
}
