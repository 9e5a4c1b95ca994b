package import JSON

/// A successful envelope.
package struct Answer: Sendable {
    package let status: Int
    package let result: JSONValue
    package let messages: [APIProblem]
    package let info: JSONObject?
    /// The version of the resource, quotes included.
    package let etag: String?

    package init(
        status: Int, result: JSONValue, messages: [APIProblem] = [], info: JSONObject? = nil, etag: String? = nil
    ) {
        self.status = status
        self.result = result
        self.messages = messages
        self.info = info
        self.etag = etag
    }

    /// - Parameter request: `GET /client/v4/…`, for error messages.
    /// - Throws: ``ClientError/refused(_:)`` for `success: false`, ``ClientError/malformedAnswer(_:)`` for anything that is
    ///   no envelope.
    init(_ answer: IncomingAnswer, to request: String) throws(ClientError) {
        let parsed: JSONValue
        do {
            parsed = try JSONParser.parse(answer.body, limits: JSONLimits(maxDepth: 64))
        } catch {
            throw Self.noEnvelope(answer, request)
        }
        guard let isSuccess = parsed["success"]?.boolValue else { throw Self.noEnvelope(answer, request) }
        guard isSuccess, (200..<300).contains(answer.status) else {
            let problems = (parsed["errors"]?.arrayValue ?? []).compactMap(APIProblem.init)
            throw .refused(
                APIRefusal(
                    status: answer.status, problems: problems, ray: answer.field("cf-ray"), request: request))
        }
        self.init(
            status: answer.status, result: parsed["result"] ?? .null,
            messages: (parsed["messages"]?.arrayValue ?? []).compactMap(APIProblem.init),
            info: parsed["result_info"]?.objectValue, etag: answer.field("etag"))
    }

    private static func noEnvelope(_ answer: IncomingAnswer, _ request: String) -> ClientError {
        switch answer.status {
        case 502, 503, 504:
            .refused(APIRefusal(status: answer.status, problems: [], ray: answer.field("cf-ray"), request: request))
        default:
            .malformedAnswer("\(request) was answered with status \(answer.status) and no v4 envelope")
        }
    }
}
