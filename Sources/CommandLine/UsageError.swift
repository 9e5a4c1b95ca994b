/// Misuse of the command line: exit status 64 and one line.
package struct UsageError: Error, Hashable, Sendable {
    /// The whole sentence, naming the offending flag, variable or value; without control characters.
    package let message: String

    package init(_ message: String) { self.message = SafeText.oneLine(message) }
}
