package import HTTP

/// A resource that describes itself (RFC 9728 §3.2), as far as an agent needs.
package struct ProtectedResource: Equatable, Sendable {
    /// The resource indicator, byte for byte as published; what tokens are asked for (RFC 8707).
    package let identifier: String
    /// Its authorization server.
    package let issuer: String

    /// Whether a token of the resource `identifier` may be shown to `url`: the same origin, and the path is that of the
    /// resource or below it. A path with dot segments is never covered, because the server would read it as another one.
    package static func covers(_ identifier: String, _ url: WebAddress) -> Bool {
        guard let resource = WebAddress(identifier), !resource.hasUserInfo, resource.fragment == nil,
            resource.origin == url.origin
        else { return false }
        let segments = url.path.split(separator: "/", omittingEmptySubsequences: false)
        let dots: Set<String?> = [".", ".."]
        guard !segments.contains(where: { dots.contains(HTTP.PercentEncoding.decode($0)) }) else { return false }
        var base = resource.path[...]
        while base.last == "/" { base.removeLast() }
        return url.path == base || url.path.hasPrefix(base + "/")
    }

    /// Where a resource at `url` may describe itself when it does not say: at its own path, then for the whole origin.
    static func wellKnownAddresses(of url: WebAddress) -> [String] {
        let root = url.origin + "/.well-known/oauth-protected-resource"
        return url.path == "/" ? [root] : [root + url.path, root]
    }
}
