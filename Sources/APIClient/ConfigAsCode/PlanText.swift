package import JSON

extension ConfigPlan {
    /// A line a change, with the members that change below it.
    ///
    /// - Parameter styled: paints a line by its kind of change; the default leaves it plain.
    package func text(styled: (String, ConfigChange.Action) -> String = { text, _ in text }) -> String {
        var text = ""
        for change in changes {
            text += styled("\(change.action.sign) \(change.title)", change.action) + "\n"
            for difference in change.differences { text += "    \(difference.line)\n" }
        }
        let counts = ConfigChange.Action.allCases.map { action in changes.count { $0.action == action } }
        text +=
            changes.isEmpty
            ? "No difference.\n"
            : "\nPlan: \(counts[0]) to create, \(counts[1]) to change, \(counts[2]) to delete.\n"
        let resources = unmanaged.count { $0.subject != .account }
        if resources > 0 {
            text += "\(resources) on the server and not in the file stay; --prune deletes them.\n"
        }
        let accounts = unmanaged.count - resources
        if accounts > 0 { text += "\(accounts) accounts are not in the file; accounts are never deleted from here.\n" }
        return text
    }

    /// The same for programs.
    package var json: JSONValue {
        .array(
            changes.map { change in
                [
                    "action": .string(change.action.rawValue), "what": .string(change.title),
                    "fields": .array(
                        change.differences.map { difference in
                            [
                                "path": .string(difference.path), "from": difference.live ?? .null,
                                "to": difference.wanted,
                            ]
                        }),
                ]
            })
    }
}

extension ConfigChange.Action {
    package var sign: String {
        switch self {
        case .create: "+"
        case .update: "~"
        case .delete: "-"
        }
    }
}

extension FieldDifference {
    /// `session_duration: "24h" -> "8h"`; long values are cut.
    package var line: String { "\(path): \(Self.short(live ?? .null)) -> \(Self.short(wanted))" }

    private static func short(_ value: JSONValue) -> String {
        let text = value.serialized()
        guard text.unicodeScalars.count > 120 else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(117))) + "..."
    }
}
