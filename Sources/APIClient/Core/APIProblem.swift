import JSON

/// One entry of `errors` or `messages` in an envelope.
package struct APIProblem: Sendable, Equatable {
    package let code: Int
    /// `<stable dotted token>: <sentence>`.
    package let message: String
    /// A JSON pointer into the body, `?name` for the query, `#name` for a header; `nil` for the request as a whole.
    package let pointer: String?

    package init(code: Int, message: String, pointer: String? = nil) {
        self.code = code
        self.message = message
        self.pointer = pointer
    }

    init?(_ value: JSONValue) {
        guard let code = value["code"]?.integerValue else { return nil }
        self.init(
            code: Int(clamping: code), message: value["message"]?.stringValue ?? "",
            pointer: value["source"]?["pointer"]?.stringValue)
    }

    /// The sentence behind the token, which is what a person reads.
    package var sentence: String {
        guard let colon = message.firstIndex(of: ":") else { return message }
        let token = message[..<colon]
        let isToken = !token.isEmpty && token.contains(".") && !token.contains(" ")
        guard isToken else { return message }
        return String(message[message.index(after: colon)...].drop { $0 == " " })
    }

    /// `error 12130 at /domain: domain is required`.
    package var line: String {
        let place = pointer.map { $0.isEmpty ? "" : " at \($0)" } ?? ""
        return "error \(code)\(place): \(sentence)"
    }
}

/// What the server said no to, with all problems it found.
package struct APIRefusal: Sendable, Equatable {
    package let status: Int
    package let problems: [APIProblem]
    /// The request id, which the server's log and audit rows hold too.
    package let ray: String?
    /// `POST /client/v4/accounts`.
    package let request: String

    package init(status: Int, problems: [APIProblem], ray: String? = nil, request: String = "") {
        self.status = status
        self.problems = problems
        self.ray = ray
        self.request = request
    }

    package func has(_ code: Int) -> Bool { problems.contains { $0.code == code } }
}
