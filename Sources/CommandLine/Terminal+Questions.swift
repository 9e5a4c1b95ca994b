extension Terminal {
    package enum Confirmation: Hashable, Sendable {
        case yes, no
        /// Nobody can answer here and `--yes` was not given; already reported.
        case impossible
    }

    /// Asks `question [y/N]` and takes `y` or `yes` for consent; anything else, end of input too, is a no.
    ///
    /// - Parameter assumingYes: the value of `--yes`. Without it, and without a terminal to ask on, the answer is
    ///   ``Confirmation/impossible``.
    package func confirm(_ question: String, assumingYes: Bool) -> Confirmation {
        if assumingYes { return .yes }
        guard isInteractive else {
            printError("\(SafeText.oneLine(question)) Not a terminal: pass --yes to confirm.\n")
            return .impossible
        }
        printError("\(SafeText.oneLine(question)) [y/N] ")
        let answer = readLine(true)?.lowercased() ?? ""
        return answer == "y" || answer == "yes" ? .yes : .no
    }

    /// Reads one line without showing it. `nil` when nobody can answer, or at the end of input.
    package func readSecret(_ prompt: String) -> String? {
        guard isInteractive else { return nil }
        printError("\(SafeText.oneLine(prompt)): ")
        let line = readLine(false)
        printError("\n")
        return line
    }
}
