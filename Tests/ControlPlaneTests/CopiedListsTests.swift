import HTTP
import JSON
import TestKit
import Testing

/// The rows of applications repeat what other tables say, so that a read touches one row. Whatever happens, in whatever
/// order, both must say the same.
@Suite("The lists kept on the rows of applications")
struct CopiedListsTests {
    @Test("they equal their tables after every step of a random history", arguments: 0..<20)
    func histories(seed: Int) async throws {
        let history = try await History(seed: UInt64(seed))
        for _ in 0..<60 {
            await history.act()
            let differing = try await history.differing()
            #expect(differing.isEmpty, "seed \(seed), after \(history.trace.suffix(3).joined(separator: "\n"))")
            guard differing.isEmpty else { return }
        }
        #expect(history.successes > 20, "the history is made of refusals")
    }

    private final class History {
        let stage: BridgeErrorTests.Stage
        private(set) var trace: [String] = []
        private(set) var successes = 0
        private var random: SeededGenerator
        private var apps: [String] = []
        private var number = 0

        init(seed: UInt64) async throws {
            stage = try await BridgeErrorTests.Stage()
            random = SeededGenerator(seed: seed)
            for name in ["a", "b"] { _ = await stage.world.idp(name, of: stage.account) }
            for name in ["one", "two"] {
                _ = await stage.world.post("\(stage.accountAccess)/tags", ["name": .string(name)])
            }
        }

        private var access: String { stage.accountAccess }

        private func some(_ items: [String]) -> [String] {
            Array(items.shuffled(using: &random).prefix(Int.random(in: 0...3, using: &random)))
        }

        private func send(_ method: HTTP.Method, _ path: String, _ body: JSONValue? = nil) async -> World.Answer {
            let answer = await stage.world.call(method, path, body)
            trace.append("\(method.name) \(path) \(body?.serialized() ?? "") -> \(answer.status) \(answer.codes)")
            if answer.isSuccess { successes += 1 }
            return answer
        }

        func act() async {
            number += 1
            switch Int.random(in: 0..<14, using: &random) {
            case 0..<3:
                let answer = await send(.post, "\(access)/apps", await application("app\(number)"))
                if answer.isSuccess { apps.append(answer.id) }
            case 3..<6:
                guard let app = apps.randomElement(using: &random) else { return }
                _ = await send(.put, "\(access)/apps/\(app)", await application("app\(number)"))
            case 6:
                guard let app = apps.randomElement(using: &random) else { return }
                if await send(.delete, "\(access)/apps/\(app)").isSuccess { apps.removeAll { $0 == app } }
            case 7: _ = await send(.post, "\(access)/tags", ["name": .string("tag \"\(number)\"")])
            case 8:
                guard let tag = await tags().first else { return }
                _ = await send(.put, "\(access)/tags/\(tag)", ["name": .string("renamed\(number)")])
            case 9:
                guard let tag = await tags().randomElement(using: &random) else { return }
                _ = await send(.delete, "\(access)/tags/\(tag)")
            case 10:
                _ = await send(.post, "\(access)/idp_bridge", ["set_as_only_login": .bool(Bool.random(using: &random))])
            case 11: _ = await send(.delete, "\(access)/idp_bridge")
            case 12:
                guard let idp = await identityProviders().randomElement(using: &random) else { return }
                _ = await send(.delete, "\(access)/identity_providers/\(idp)")
            default: _ = await send(.post, "\(access)/identity_providers", World.idpBody("idp \(number)"))
            }
        }

        private func application(_ name: String) async -> JSONValue {
            [
                "type": "self_hosted", "domain": .string("\(name).example.com"),
                "allowed_idps": .array(some(await identityProviders()).map(JSONValue.string)),
                "tags": .array(some(await stage.world.get("\(access)/tags").texts("name")).map(JSONValue.string)),
            ]
        }

        private func identityProviders() async -> [String] {
            await stage.world.get("\(access)/identity_providers").texts("id")
        }

        /// The names of the tags as a path has them.
        private func tags() async -> [String] {
            await stage.world.get("\(access)/tags").texts("name").map {
                $0.replacing("\"", with: "%22").replacing(" ", with: "%20")
            }
        }

        /// The applications whose row and tables differ.
        func differing() async throws -> [String] {
            try await stage.world.texts(
                """
                SELECT hex(a.id) FROM applications a
                 WHERE a.tags <> (SELECT json_group_array(tag) FROM
                           (SELECT tag FROM application_tags WHERE application_id = a.id ORDER BY position))
                    OR a.allowed_idps <> coalesce((SELECT group_concat(lower(hex(idp_id)), '') FROM
                           (SELECT idp_id FROM application_idps WHERE application_id = a.id ORDER BY position)), '')
                """)
        }
    }
}
