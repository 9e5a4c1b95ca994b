import ControlPlane
import Domain
import HTTP
import Primitives

/// The request that a proxy asks about (contract 40 §8).
struct ForwardedRequest {
    let method: String
    /// As the browser knows it, with its port if it has one.
    let authority: String
    /// Path and query as sent.
    let target: String
    /// Decoded, without dot segments and repeated slashes: what destinations are compared with.
    let path: String
    /// Whether redirects must be written as 401, because the proxy cannot pass them on.
    let isForNginx: Bool

    /// Why a description cannot be used.
    struct Problem: Error {
        let status: Status
        let detail: String
    }
}

extension FieldName {
    static let forwardedMethod = FieldName("x-forwarded-method") ?? .host
    static let originalMethod = FieldName("x-original-method") ?? .host
    static let originalURL = FieldName("x-original-url") ?? .host
    static let originalURI = FieldName("x-original-uri") ?? .host
    static let forwardedURI = FieldName("x-forwarded-uri") ?? .host
}

extension ForwardedRequest {
    private static let single: [FieldName] = [
        .forwardedMethod, .originalMethod, .originalURL, .originalURI, .forwardedURI, .forwardedHost, .forwardedProto,
    ]

    init(_ request: Request) throws(Problem) {
        for name in Self.single where request.count(name) > 1 {
            throw Problem(status: .badRequest, detail: "\(name) is repeated")
        }
        try Self.checkNames(request)
        let url = try request.value(.originalURL).map { text throws(Problem) in
            guard let url = WebAddress(text), !url.hasUserInfo, url.fragment == nil else {
                throw Problem(status: .badRequest, detail: "x-original-url is not an absolute URL")
            }
            return url
        }
        method = request.value(.forwardedMethod) ?? request.value(.originalMethod) ?? request.method.name
        let host = request.value(.forwardedHost)
        if let host, let url, LoginDesk.hostName(host) != LoginDesk.hostName(url.authority) {
            throw Problem(status: .badRequest, detail: "x-forwarded-host and x-original-url contradict each other")
        }
        authority = (host ?? url?.authority ?? request.host).lowercased()
        guard WebAddress("http://\(authority)/") != nil, !authority.utf8.contains(UInt8(ascii: ",")) else {
            throw Problem(status: .badRequest, detail: "the forwarded host is malformed")
        }
        let uris = [request.value(.forwardedURI), url?.target, request.value(.originalURI)].compactMap { $0 }
        if let first = uris.first, uris.contains(where: { $0 != first }) {
            throw Problem(status: .badRequest, detail: "the forwarded paths contradict each other")
        }
        target = uris.first ?? Self.ownTarget(request)
        guard target.utf8.first == UInt8(ascii: "/"), target.utf8.count <= 8192,
            let plain = Self.canonical(target.prefix { $0 != "?" })
        else { throw Problem(status: .badRequest, detail: "the forwarded path is malformed") }
        path = plain
        isForNginx = request.query?["proxy"] == "nginx"
    }

    /// Names in which `_` stands for `-` reach some applications as the name with `-`: nobody may send ours so.
    private static func checkNames(_ request: Request) throws(Problem) {
        for field in request.allFields.all where field.name.text.utf8.contains(UInt8(ascii: "_")) {
            let dashed = String(field.name.text.map { $0 == "_" ? "-" : $0 })
            if dashed.hasPrefix("cf-access-") || dashed.hasPrefix("x-orgd-") || dashed.hasPrefix("x-forwarded-") {
                throw Problem(status: .badRequest, detail: "a field name with an underscore imitates one of ours")
            }
        }
    }

    /// What follows the path of the endpoint (Envoy's `path_prefix`).
    private static func ownTarget(_ request: Request) -> String {
        let rest = request.path.dropFirst("/cdn-cgi/access/forward-auth".count)
        return rest.isEmpty ? "/" : String(rest)
    }

    /// A path in the one spelling that destinations are compared in; `nil` where two readers could disagree about it.
    static func canonical(_ path: Substring) -> String? {
        let lower = path.lowercased()
        guard !lower.contains("%2f"), !lower.contains("%5c"), !path.utf8.contains(UInt8(ascii: "\\")),
            let decoded = PercentEncoding.decode(path), decoded.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else { return nil }
        var segments: [Substring] = []
        var isFolder = false
        for part in decoded.split(separator: "/", omittingEmptySubsequences: true) {
            isFolder = part == "." || part == ".."
            if part == "." { continue }
            if part == ".." {
                if !segments.isEmpty { segments.removeLast() }
                continue
            }
            segments.append(part)
        }
        let slash = (decoded.hasSuffix("/") || isFolder) && !segments.isEmpty
        return "/" + segments.joined(separator: "/") + (slash ? "/" : "")
    }
}
