import JSON
import Primitives

/// A person who can sign in.
package struct DemoUser: Sendable, Equatable {
    package let email: String
    package let name: String
    package let groups: [String]

    package init(email: String, name: String, groups: [String] = []) {
        self.email = email
        self.name = name
        self.groups = groups
    }

    /// Reads `alice@example.com`, `alice@example.com:Alice` or `alice@example.com:Alice:groups=eng,admins`.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        let address = parts[0].split(separator: "@", omittingEmptySubsequences: false)
        guard address.count == 2, !address[0].isEmpty, !address[1].isEmpty, !parts[0].contains(" ") else { return nil }
        email = parts[0]
        name = parts.count > 1 && !parts[1].isEmpty ? parts[1] : String(address[0])
        guard parts.count > 2 else {
            groups = []
            return
        }
        guard parts[2].hasPrefix("groups=") else { return nil }
        groups = parts[2].dropFirst("groups=".count).split(separator: ",").map(String.init)
    }

    /// The part of the address before the `@`, which people may sign in with too.
    package var shortName: String { String(email.prefix { $0 != "@" }) }

    /// Stays the same from run to run.
    package var subject: String { "demo|\(email)" }

    /// Everyone's.
    package static let password = "password"

    package static let samples = [
        DemoUser(email: "alice@example.com", name: "Alice", groups: ["engineering", "admins"]),
        DemoUser(email: "bob@example.com", name: "Bob", groups: ["engineering"]),
    ]
}
