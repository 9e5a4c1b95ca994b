import HTTP
import JSON
import TestKit

/// One random history: each request goes to the server and, when it succeeded, to the model; then both are compared.
///
/// The first step after which they differ ends the history, so what a failure prints is the shortest prefix of its seed.
final class BridgeSequence {
    let world: World
    var model = BridgeModel()
    var random: SeededGenerator
    /// What was sent, for the message of a failure.
    var trace: [String] = []
    /// Problems found so far.
    var problems: [String] = []
    /// As the database had it after the step before.
    var stored: StoredBridge
    var deadConnections: Set<String> = []
    /// Who signed in through each identity provider or connection.
    var people: [String: Set<String>] = [:]
    private var number = 0
    private var lastPost: (path: String, body: JSONValue, key: String, answer: World.Answer)?

    init(seed: UInt64) async throws {
        world = try await World()
        random = SeededGenerator(seed: seed)
        stored = try await StoredBridge(world)
    }

    /// Runs up to `count` steps, and stops at the first that shows a problem.
    func run(_ count: Int) async throws {
        for name in ["root", "other"] { await addOrganization(name, below: nil) }
        for index in 0..<3 { await addOrganization("part \(index)", below: pick(model.organizations)) }
        for _ in 0..<4 { try await createAccount() }
        // A little bridge to begin with, or most histories would be over before they have one.
        for _ in 0..<3 {
            try await createIdP()
            try await createGrant()
            try await createShare()
        }
        for step in 0..<count {
            if chance(40) { try await signIn() }
            try await act()
            if step % 10 == 9 || step == count - 1 { await checkAnswers() }
            guard problems.isEmpty else { return }
        }
    }

    func fail(_ problem: String) { problems.append(problem) }

    func pick<T>(_ items: [T]) -> T? { items.randomElement(using: &random) }
    func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
    func fresh(_ name: String) -> String {
        number += 1
        return "\(name)-\(number)"
    }

    // MARK: One request

    /// Sends a request, has the model follow when it succeeded, and compares.
    ///
    /// - Parameters:
    ///   - canPreview: whether `?preview=true` is there; it is asked now and then, and must tell the truth.
    ///   - expected: the code that the model foresees, 0 for success, `nil` where it does not say.
    @discardableResult
    func send(
        _ method: HTTP.Method, _ path: String, _ body: JSONValue? = nil, canPreview: Bool = false, expected: Int? = nil,
        _ follow: (inout BridgeModel, World.Answer) async throws -> Void
    ) async throws -> World.Answer {
        let separator = path.contains("?") ? "&" : "?"
        var preview: World.Answer?
        if canPreview, chance(40) {
            let before = try await world.fingerprint()
            preview = await world.call(method, path + separator + "preview=true", body)
            if try await world.fingerprint() != before { fail("the preview of \(path) changed something") }
        }
        let key = fresh("key")
        let extra: [(FieldName, String)] = method == .post ? [(.idempotencyKey, key)] : []
        let answer = await world.call(method, path, body, as: World.root, extra)
        trace.append("\(method.name) \(path) \(body?.serialized() ?? "") -> \(answer.status) \(answer.codes)")
        if answer.status >= 500 { fail("\(path) answered \(answer.status)") }
        if let expected, expected != answer.code ?? 0 {
            fail("\(method.name) \(path) answered \(answer.code ?? 0) where the model expects \(expected)")
        }
        if method == .post, let body { lastPost = (path, body, key, answer) }
        let before = (model: model, stored: stored)
        if answer.isSuccess { try await follow(&model, answer) }
        stored = try await StoredBridge(world)
        compare(with: before.stored)
        if let preview, answer.isSuccess {
            check(preview, against: before.model, before.stored)
        }
        return answer
    }

    /// I7: the same request under the same key answers the same and changes nothing.
    func replay() async throws {
        // Who asks about an account that has gone is not told more than anybody else.
        guard let last = lastPost,
            model.accounts.contains(where: { last.path.contains($0) }) || !last.path.hasPrefix("/accounts/")
        else { return }
        let before = try await world.fingerprint()
        let answer = await world.post(last.path, last.body, as: World.root, [(.idempotencyKey, last.key)])
        trace.append("again POST \(last.path) -> \(answer.status)")
        if answer.text != last.answer.text || answer.status != last.answer.status {
            fail("a replay answered \(answer.status) \(answer.text), not \(last.answer.status) \(last.answer.text)")
        }
        if try await world.fingerprint() != before { fail("a replay changed something") }
    }
}
