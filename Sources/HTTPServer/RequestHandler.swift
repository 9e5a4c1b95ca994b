package import HTTP

/// What answers requests. One lives on each loop and is only called there.
package protocol RequestHandler: AnyObject {
    /// How many bytes of body a request may have. Asked when the head is complete, before the client is told to go on.
    func bodyLimit(for head: Request) -> Int
    /// The answer to a body over the limit; the connection then closes.
    func tooLarge(_ head: Request) -> Response
    func handle(_ request: Request) -> Answer
    /// The answer to bytes that are no request; the connection then closes.
    func malformed(_ status: Status, _ detail: String, ray: UInt64) -> Response
    /// Called once for each request whose head was understood, when its response has been handed to the system or the client
    /// has gone. `bytes` counts the body, `elapsed` starts at the end of the head.
    func finished(_ request: Request, status: Status, bytes: Int, elapsed: Duration)
}

extension RequestHandler {
    package func bodyLimit(for head: Request) -> Int { 1024 * 1024 }

    package func tooLarge(_ head: Request) -> Response { Response(.contentTooLarge, text: "body too large\n") }

    package func malformed(_ status: Status, _ detail: String, ray: UInt64) -> Response {
        Response(status, text: "\(detail)\n")
    }

    package func finished(_ request: Request, status: Status, bytes: Int, elapsed: Duration) {}
}

/// How a request is answered.
package enum Answer: Sendable {
    /// At once, without suspending: everything that waits for nothing.
    case now(Response)
    /// By a task on the connection's loop. Until it returns, nothing more is read from that connection.
    case later(@Sendable () async -> Response)
}
