import Foundation
import Testing

/// Who may say that a unit of writes leaves every decision as it was. Caches of decisions go on when a unit says so, and a
/// unit that says it wrongly lets people in who are out: whoever is added here has given the reason beside the call.
@Suite("Writes that only add")
struct OnlyAddsTests {
    /// Files, with how often they say it.
    private static let allowed: [String: Int] = [
        // Rows of logs, and answers that are kept for repetition.
        "Sources/API/Core/APIHandler+Run.swift": 1,
        "Sources/ControlPlane/Core/Plane+Perform.swift": 4,
        // When a token was used last.
        "Sources/API/Core/APIHandler+Authorize.swift": 1,
        // What has expired, and a write that changes nothing.
        "Sources/ControlPlane/Housekeeping/Chores.swift": 2,
        // Logins on their way.
        "Sources/ControlPlane/Login/LoginDesk.swift": 1,
        // First answers of services about somebody.
        "Sources/ControlPlane/Evaluation/LoginDesk+Evaluation.swift": 1,
        // When a service token was used last, and refusals of some.
        "Sources/ControlPlane/Gate/Gatekeeper+Notes.swift": 2,
        // Tokens of SaaS applications, which the gate remembers nowhere.
        "Sources/ControlPlane/SaaS/LoginDesk+Token.swift": 3,
        "Sources/ControlPlane/SaaS/LoginDesk+Userinfo.swift": 1,
        // Codes and tokens of programs, where none ends: refusals and rotations.
        "Sources/ControlPlane/ManagedOAuth/ManagedOAuthActs.swift": 1,
        "Sources/ControlPlane/ManagedOAuth/OAuthDesk+Revoke.swift": 2,
        "Sources/ControlPlane/ManagedOAuth/TokenExchange.swift": 10,
        // Sessions of the console, when they were last used, and looks at logs.
        "Sources/Console/SignIn/ConsoleHandler+SignIn.swift": 2,
        "Sources/Console/Core/ConsoleHandler+Answer.swift": 1,
        "Sources/Console/Core/ConsoleHandler+Run.swift": 1,
        // Sessions that a test makes.
        "Sources/TestKit/SignedIn.swift": 1,
    ]

    @Test("nobody else says that a unit only adds")
    func callers() throws {
        var found: [String: Int] = [:]
        for file in try Repository.swiftFiles(below: "Sources") {
            let text = try String(contentsOf: Repository.url(file), encoding: .utf8)
            let calls = text.components(separatedBy: ".onlyAdds()").count - 1
            if calls > 0 { found[file] = calls }
        }
        #expect(found == Self.allowed)
    }

    @Test("the reason stands beside each call")
    func reasons() throws {
        for (file, _) in Self.allowed where !file.contains("TestKit") {
            let lines = try String(contentsOf: Repository.url(file), encoding: .utf8).components(separatedBy: "\n")
            for (number, line) in lines.enumerated() where line.contains(".onlyAdds()") {
                let before = lines[max(0, number - 5)..<number]
                #expect(before.contains { $0.contains("//") }, "\(file):\(number + 1)")
            }
        }
    }
}
