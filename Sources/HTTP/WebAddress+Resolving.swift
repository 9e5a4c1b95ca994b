extension WebAddress {
    /// The address that a reference in a document at this address means (RFC 3986 §5.2).
    package func resolving(_ reference: String) -> WebAddress? {
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
