import HTTP

/// Following redirects (RFC 9110 §15.4), never to another server.
enum Redirect {
    /// The request that a response asks for, or `nil` when the response is the answer.
    ///
    /// - Throws: ``HTTPClientError/redirectRefused(_:)``.
    static func next(
        after response: InboundResponse, to request: OutboundRequest
    ) throws(HTTPClientError) -> OutboundRequest? {
        guard request.redirectLimit > 0 else { return nil }
        let keepsMethod: Bool
        switch response.status.code {
        case 301, 302: keepsMethod = request.method != .post
        case 303: keepsMethod = request.method == .head
        case 307, 308: keepsMethod = true
        default: return nil
        }
        guard let location = response.fields[.location], let target = request.url.resolving(location) else {
            throw .redirectRefused(.malformed)
        }
        let upgrades = request.url.scheme == .http && target.scheme == .https
        guard target.host == request.url.host, !target.hasUserInfo,
            upgrades || target.scheme == request.url.scheme && target.port == request.url.port
        else { throw .redirectRefused(.elsewhere) }
        var next = request
        next.url = target
        if !keepsMethod {
            next.method = .get
            next.body = []
            next.fields[.contentType] = nil
            next.isRepeatable = true
        }
        return next
    }
}
