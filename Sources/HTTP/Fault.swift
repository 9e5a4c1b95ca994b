/// Why bytes are not an acceptable message. The connection that carried them must close, because the place where the next
/// message would begin is unknown.
package struct Fault: Error, Hashable, Sendable {
    package let status: Status
    /// A sentence for the client; never contains what the client sent.
    package let detail: String

    package init(_ status: Status, _ detail: String) {
        self.status = status
        self.detail = detail
    }

    static func bad(_ detail: String) -> Fault { Fault(.badRequest, detail) }
}
