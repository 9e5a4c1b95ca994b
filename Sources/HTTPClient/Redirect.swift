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

extension WebAddress {
    /// The address that a reference in a document at this address means (RFC 3986 §5.2).
    func resolving(_ reference: String) -> WebAddress? {
        let reference = reference.prefix { $0 != "#" }
        let lower = reference.prefix(8).lowercased()
        if lower.hasPrefix("http://") || lower.hasPrefix("https://") { return WebAddress(reference) }
        // Any other scheme, which ends before the first slash, question mark or end.
        if reference.prefix(while: { $0 != "/" && $0 != "?" }).contains(":") { return nil }
        if reference.hasPrefix("//") { return WebAddress(scheme.rawValue + ":" + reference) }
        let parts = reference.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let relative = parts.first.map(String.init) ?? ""
        let query = parts.count == 2 ? "?" + parts[1] : ""
        if relative.isEmpty {
            return WebAddress(origin + path + (query.isEmpty ? self.query.map { "?" + $0 } ?? "" : query))
        }
        let base = relative.hasPrefix("/") ? "" : String(path[...(path.lastIndex(of: "/") ?? path.startIndex)])
        return WebAddress(origin + Self.removingDots(base + relative) + query)
    }

    /// RFC 3986 §5.2.4.
    private static func removingDots(_ path: String) -> String {
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        var kept: [Substring] = []
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment {
            case ".": if isLast { kept.append("") }
            case "..":
                if !kept.isEmpty { kept.removeLast() }
                if isLast { kept.append("") }
            default: kept.append(segment)
            }
        }
        return "/" + kept.joined(separator: "/")
    }
}
