import APIClient
import CommandLine
import JSON
import Primitives

/// `orgctl fetch`: a request to any web resource, with the access that a person gives in a browser where it wants one.
enum FetchCommand {
    static let command = Command(
        "fetch", summary: "Fetch a URL as an agent: signs you in where the resource asks for it",
        discussion: """
            Sends the request. Where the answer is a 401 with a Bearer challenge, it finds the authorization server of \
            the resource (RFC 9728, RFC 8414), registers there (RFC 7591), has you sign in and consent in a browser, and \
            sends the request again with the token. The token is stored for later runs, renewed when it ends, and sent to \
            nothing but its resource. --client-id names a client metadata document instead of a registration; it must \
            list http://127.0.0.1/callback.

            The body of the answer goes to standard output as it came, everything else to standard error. The status is \
            0 for answers below 400, 77 for 401 and 403, 75 for 429 and 503, 1 for others, 69 when there is no answer and \
            76 when what the servers publish cannot be believed.
            """,
        arguments: [Positional("address", help: "The address")],
        options: request + [
            .value("save", short: "o", placeholder: "FILE", help: "Write the body to a file", completion: .file),
            .flag("include", short: "i", help: "Print status and header fields before the body"),
            .flag("json", help: "Print status, header fields and body as one JSON object"),
        ] + AgentOptions.all,
        examples: [
            .init("orgctl fetch https://wiki.example.org/docs/", "Read a page, as yourself"),
            .init(
                "orgctl fetch https://tools.example.org/mcp -H 'Content-Type: application/json' -d @call.json",
                "Call a tool"),
        ]
    ) { values in
        await Failures.reporting(values.terminal) { () async throws(ClientError) in try await run(values) }
    }

    private static let request: [Option] = [
        .value("request", short: "X", placeholder: "METHOD", help: "The method; GET, or POST with data"),
        .value(
            "data", short: "d", placeholder: "DATA|@FILE", help: "The body; @FILE reads it from a file, @- from input"),
        .value("header", short: "H", placeholder: "FIELD", help: "A header field, as 'Name: value'", repeats: .each),
        .flag("follow", negatable: true, default: true, help: "Follow redirects"),
        .value(
            "max-time", placeholder: "DURATION", default: "60s", help: "How long one exchange may take", rule: .duration
        ),
    ]

    private static func run(_ values: ParsedValues) async throws(ClientError) -> ExitCode {
        let agent = try AgentOptions.agent(values)
        var request = OutgoingRequest(method: "GET", url: values.string("address"), fields: try fields(values))
        request.deadline = values.duration("max-time")
        if let data = values.stringIfGiven("data") {
            request.method = "POST"
            request.body = data.hasPrefix("@") ? try Files.bytes(of: String(data.dropFirst())) : Array(data.utf8)
        }
        if let method = values.stringIfGiven("request") { request.method = method.uppercased() }
        let isWhole = values.bool("json") || values.bool("include")
        let output = try FetchOutput(values.stringIfGiven("save"))
        // Answers that end late, such as event streams, are passed on as they come.
        if !isWhole { request.receive = { bytes in output.write(bytes) } }
        let answer = try await agent.fetch(request, followsRedirects: values.bool("follow"))
        if values.bool("json") {
            _ = output.write(Array((json(answer).pretty() + "\n").utf8))
        } else {
            if values.bool("include") { _ = output.write(Array(head(answer).utf8)) }
            _ = output.write(answer.body)
        }
        try output.finish()
        if answer.status >= 400 { values.terminal.printError("The answer has the status \(answer.status).\n") }
        return exitCode(answer.status)
    }

    private static func fields(_ values: ParsedValues) throws(ClientError) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        for line in values.list("header") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let isClean = line.utf8.allSatisfy { $0 == 0x09 || $0 >= 0x20 && $0 != 0x7F }
            guard parts.count == 2, !parts[0].isEmpty, isClean else {
                throw .misuse("-H needs 'Name: value', not \"\(line)\"")
            }
            let name = parts[0].lowercased()
            guard name != "authorization" else {
                throw .misuse("-H must not set Authorization: this command finds the token itself")
            }
            fields.append((String(parts[0]), String(parts[1].drop { $0 == " " || $0 == "\t" })))
        }
        func lacks(_ name: String) -> Bool { !fields.contains { $0.name.lowercased() == name } }
        if lacks("accept") { fields.append(("Accept", "*/*")) }
        if values.stringIfGiven("data") != nil, lacks("content-type") {
            fields.append(("Content-Type", "application/x-www-form-urlencoded"))
        }
        return fields
    }

    private static func head(_ answer: IncomingAnswer) -> String {
        "HTTP/1.1 \(answer.status)\n" + answer.fields.map { "\($0.name): \($0.value)\n" }.joined() + "\n"
    }

    private static func json(_ answer: IncomingAnswer) -> JSONValue {
        var object: JSONObject = [
            "status": .integer(answer.status),
            "headers": .array(answer.fields.map { ["name": .string($0.name), "value": .string($0.value)] }),
        ]
        if let text = String(validating: answer.body, as: UTF8.self) {
            object["body"] = .string(text)
        } else {
            object["body_base64"] = .string(Base64.encode(answer.body))
        }
        return .object(object)
    }

    private static func exitCode(_ status: Int) -> ExitCode {
        switch status {
        case ..<400: .ok
        case 401, 403: .noPermission
        case 429, 503: .temporary
        default: .failure
        }
    }
}
