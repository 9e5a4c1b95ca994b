import Primitives

/// Which texts a setting accepts. A refusal is phrased so that it follows the value: `"x" is not a whole number`.
package struct ValueRule: Sendable {
    /// `nil` when the text is acceptable.
    package let complaint: @Sendable (_ text: String) -> String?
    /// The accepted words when there are only a few; help and completion list them.
    package let choices: [String]

    private init(choices: [String] = [], _ complaint: @escaping @Sendable (String) -> String?) {
        self.complaint = complaint
        self.choices = choices
    }

    package static let any = ValueRule { _ in nil }

    package static let nonEmpty = ValueRule { $0.isEmpty ? "is empty" : nil }

    package static func oneOf(_ choices: [String]) -> ValueRule {
        ValueRule(choices: choices) { text in
            guard !choices.contains(text) else { return nil }
            let hint = Suggestion.nearest(to: text, among: choices).map { "; did you mean \($0)?" } ?? ""
            return "is not one of \(choices.joined(separator: ", "))\(hint)"
        }
    }

    package static func integer(_ range: ClosedRange<Int> = Int.min...Int.max) -> ValueRule {
        ValueRule { text in
            guard let number = Int(text) else { return "is not a whole number" }
            if range.contains(number) { return nil }
            if range.upperBound == .max { return "is less than \(range.lowerBound)" }
            if range.lowerBound == .min { return "is more than \(range.upperBound)" }
            return "is not from \(range.lowerBound) to \(range.upperBound)"
        }
    }

    /// The notation of ``DurationText``: `300ms`, `2h45m`.
    package static let duration = ValueRule {
        DurationText($0) == nil ? "is not a duration such as 300ms, 10s or 2h45m" : nil
    }

    package static let boolean = ValueRule(choices: ["true", "false"]) {
        truth(of: $0) == nil ? "is neither true nor false" : nil
    }

    /// Whatever `parse` understands. `expected` completes the sentence "is not …".
    package static func parsed<Value>(
        _ expected: String, by parse: @escaping @Sendable (String) -> Value?
    ) -> ValueRule {
        ValueRule { parse($0) == nil ? "is not \(expected)" : nil }
    }

    /// Anything else; the closure returns what is wrong with the text, or `nil`.
    package static func check(_ complaint: @escaping @Sendable (String) -> String?) -> ValueRule {
        ValueRule(complaint)
    }

    /// The boolean a variable spells.
    static func truth(of text: String) -> Bool? {
        switch text.lowercased() {
        case "1", "true", "yes", "on": true
        case "0", "false", "no", "off": false
        default: nil
        }
    }
}
