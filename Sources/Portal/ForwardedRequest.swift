import ControlPlane
import Domain
import HTTP
import Primitives

/// The request that a proxy asks about (contract 40 §8). What could be understood in two ways is refused.
struct ForwardedRequest {
    let method: String
    /// As the browser knows it, with its port if it has one.
    let authority: String
    /// Lowercase, without port and final dot.
    let host: String
    /// Path and query as sent.
    let target: String
    /// Decoded, without dot segments and repeated slashes: what destinations are compared with.
    let path: String
    /// Who asks the proxy.
    let address: IPAddress
    /// Whether redirects must be written as 401, because the proxy cannot pass them on.
    let isForNginx: Bool

    /// Why a description cannot be used.
    struct Problem: Error, Equatable {
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
    private static let endpoint = "/cdn-cgi/access/forward-auth"
    private static let single: [FieldName] = [
        .forwardedMethod, .originalMethod, .originalURL, .originalURI, .forwardedURI, .forwardedHost, .forwardedProto,
        .country, .certificateVerified, .certificateName,
    ]

    /// - Parameter isTrusted: whether an address is that of a proxy.
    init(_ request: Request, isTrusted: (IPAddress) -> Bool) throws(Problem) {
        for name in Self.single where request.count(name) > 1 { throw Problem(detail: "\(name) is repeated") }
        try Self.checkNames(request)
        let url = try Self.originalURL(request)
        method = try Self.method(request)
        (authority, host) = try Self.authority(request, url)
        if let scheme = request.value(.forwardedProto) {
            guard scheme == "http" || scheme == "https" else {
                throw Problem(detail: "x-forwarded-proto is neither http nor https")
            }
            if let url, url.scheme.rawValue != scheme {
                throw Problem(detail: "x-forwarded-proto and x-original-url contradict each other")
            }
        }
        (target, path) = try Self.target(request, url)
        address = try Self.address(request, isTrusted)
        isForNginx = request.pathBytes.count == Self.endpoint.utf8.count && request.query?["proxy"] == "nginx"
    }

    // MARK: Parts

    private static func originalURL(_ request: Request) throws(Problem) -> WebAddress? {
        guard let text = request.value(.originalURL) else { return nil }
        guard let url = WebAddress(text), !url.hasUserInfo, url.fragment == nil else {
            throw Problem(detail: "x-original-url is not an absolute URL")
        }
        return url
    }

    private static func method(_ request: Request) throws(Problem) -> String {
        let named = [request.value(.forwardedMethod), request.value(.originalMethod)].compactMap { $0 }
        guard let first = named.first else { return request.method.name }
        guard named.allSatisfy({ $0 == first }) else {
            throw Problem(detail: "the forwarded methods contradict each other")
        }
        guard HTTP.Method(first) != nil else { throw Problem(detail: "the forwarded method is malformed") }
        return first
    }

    private static func authority(
        _ request: Request, _ url: WebAddress?
    ) throws(Problem) -> (authority: String, host: String) {
        let given = request.value(.forwardedHost)
        if let given, url == nil, isPlainName(given.utf8) { return (given, given) }
        var text = (given ?? url?.authority ?? request.host).lowercased()
        guard !text.utf8.contains(where: { ",/?#@\\".utf8.contains($0) }), WebAddress("http://\(text)/") != nil else {
            throw Problem(detail: "the forwarded host is malformed")
        }
        var host = Authority.host(of: text)
        // A name with its final dot is the same name (RFC 1034 §3.1).
        if host.hasSuffix(".") {
            text = String(host.dropLast()) + String(text.dropFirst(host.utf8.count))
            host.removeLast()
        }
        guard !host.isEmpty, host.utf8.last != UInt8(ascii: "."), host.utf8.first != UInt8(ascii: "."),
            !hasEmptyLabel(host.utf8)
        else {
            throw Problem(detail: "the forwarded host is malformed")
        }
        if given != nil, let url, Self.plain(url.host) != host {
            throw Problem(detail: "x-forwarded-host and x-original-url contradict each other")
        }
        return (text, host)
    }

    /// Whether a host is written as it is compared, as nearly every one is: nothing but lowercase labels.
    private static func isPlainName(_ host: String.UTF8View) -> Bool {
        var previous = UInt8(ascii: ".")
        for byte in host {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): break
            case UInt8(ascii: ".") where previous != UInt8(ascii: "."): break
            default: return false
            }
            previous = byte
        }
        return previous != UInt8(ascii: ".") && host.count <= 253
    }

    private static func hasEmptyLabel(_ host: String.UTF8View) -> Bool {
        var previous: UInt8 = 0
        for byte in host {
            if byte == UInt8(ascii: "."), previous == byte { return true }
            previous = byte
        }
        return false
    }

    private static func plain(_ host: String) -> String { host.hasSuffix(".") ? String(host.dropLast()) : host }

    private static func target(
        _ request: Request, _ url: WebAddress?
    ) throws(Problem) -> (target: String, path: String) {
        let uris = [request.value(.forwardedURI), url?.target, request.value(.originalURI)].compactMap { $0 }
        if let first = uris.first, uris.contains(where: { $0 != first }) {
            throw Problem(detail: "the forwarded paths contradict each other")
        }
        let target = uris.first ?? ownTarget(request)
        guard target.utf8.first == UInt8(ascii: "/"), target.utf8.count <= 8192,
            !target.utf8.contains(UInt8(ascii: "#")),
            let path = RequestPath.canonical(target)
        else { throw Problem(detail: "the forwarded path is malformed, or can be read in two ways") }
        return (target, path)
    }

    /// What follows the path of the endpoint (Envoy's `path_prefix`), with the query.
    private static func ownTarget(_ request: Request) -> String {
        let rest = request.path.dropFirst(endpoint.utf8.count)
        // Without a path there, the query is the endpoint's own.
        guard !rest.isEmpty else { return "/" }
        return request.queryBytes.map { "\(rest)?\(String(decoding: $0, as: UTF8.self))" } ?? String(rest)
    }

    /// The rightmost address that is no trusted proxy's; the peer itself where all are, and where none is given.
    private static func address(_ request: Request, _ isTrusted: (IPAddress) -> Bool) throws(Problem) -> IPAddress {
        for line in request.values(.forwardedFor).reversed() {
            for hop in line.split(separator: ",", omittingEmptySubsequences: false).reversed() {
                var text = hop[...]
                while text.first == " " || text.first == "\t" { text.removeFirst() }
                while text.last == " " || text.last == "\t" { text.removeLast() }
                guard let address = IPAddress(text) else { throw Problem(detail: "x-forwarded-for is malformed") }
                if !isTrusted(address) { return address }
            }
        }
        return request.peer
    }

    /// Names in which `_` stands for `-` reach some applications as the name with `-`: nobody may send ours so.
    private static func checkNames(_ request: Request) throws(Problem) {
        guard request.hasFieldName(containing: UInt8(ascii: "_")) else { return }
        for field in request.allFields.all where field.name.text.utf8.contains(UInt8(ascii: "_")) {
            let dashed = String(field.name.text.map { $0 == "_" ? "-" : $0 })
            if ours.contains(where: dashed.hasPrefix) {
                throw Problem(detail: "a field name with an underscore imitates one of ours")
            }
        }
    }

    private static let ours = ["cf-access-", "x-orgd-", "x-forwarded-", "x-original-"]
}
