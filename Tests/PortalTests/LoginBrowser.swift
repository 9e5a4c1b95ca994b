import HTTP
import JSON
import Primitives
import TestKit

/// What a browser has in front of it.
struct Shown {
    let url: WebAddress
    let response: Response
    /// The addresses that led here, the first one first.
    var way: [String] = []

    var status: Int { Int(response.status.code) }
    var text: String { String(decoding: response.bytes ?? [], as: UTF8.self) }
    var location: String? { response.fields[.location] }
    func header(_ name: String) -> String? { FieldName(name).flatMap { response.fields[$0] } }

    /// The value of a hidden field.
    func hidden(_ name: String) -> String? {
        guard let start = text.firstRange(of: "name=\"\(name)\" value=\"") else { return nil }
        return String(text[start.upperBound...].prefix { $0 != "\"" })
    }

    /// The addresses of links that contain a text.
    func links(containing part: String) -> [String] {
        text.ranges(of: "href=\"").map { String(text[$0.upperBound...].prefix { $0 != "\"" }) }
            .map { $0.replacing("&amp;", with: "&") }.filter { $0.contains(part) }
    }

    /// The assertion that an application gets.
    var assertion: String? { header("cf-access-jwt-assertion").flatMap { $0.isEmpty ? nil : $0 } }

    var claims: JSONObject {
        guard let part = assertion?.split(separator: ".").dropFirst().first, let bytes = Base64URL.decode(part),
            let value = try? JSONParser.parse(bytes)
        else { return [:] }
        return value.objectValue ?? [:]
    }
}

/// Somebody's browser: cookies by host, and who they are at the identity provider. Applications stand behind a proxy that
/// asks the portal about every request.
final class LoginBrowser {
    let world: LoginWorld
    /// Who signs in at the identity provider.
    var person: String
    var cookies: [String: [String: String]] = [:]
    var address = "198.51.100.7"
    private var setCookies: [String] = []

    init(_ world: LoginWorld, as person: String = "alice") {
        self.world = world
        self.person = person
    }

    /// The fields Set-Cookie of the latest answers.
    func takeSetCookies() -> [String] {
        defer { setCookies = [] }
        return setCookies
    }

    // MARK: Going

    /// Opens an address and follows redirects to the end.
    func open(_ url: String) async throws -> Shown { try await follow(try await get(url)) }

    /// Follows redirects to the end.
    func follow(_ shown: Shown, until stop: (String) -> Bool = { _ in false }) async throws -> Shown {
        var shown = shown
        for _ in 0..<40 {
            guard let location = shown.location, (300..<400).contains(shown.status) else { return shown }
            let next = location.hasPrefix("/") ? shown.url.origin + location : location
            if stop(next) { return shown }
            let way = shown.way + [next]
            shown = try await get(next)
            shown.way = way
        }
        throw Lost(address: shown.url.description)
    }

    struct Lost: Error { let address: String }

    func get(_ url: String) async throws -> Shown { try await send(.get, url, nil) }

    func post(_ url: String, _ form: [(String, String)]) async throws -> Shown {
        var body = QueryString()
        for (name, value) in form { body.append(name, value) }
        return try await send(.post, url, body)
    }

    private func send(_ method: HTTP.Method, _ url: String, _ form: QueryString?) async throws -> Shown {
        guard let address = WebAddress(url) else { throw Lost(address: url) }
        if address.host == "127.0.0.1" { return try await askProvider(address) }
        let isOurs = address.host.hasSuffix(".access.localhost") || address.target.hasPrefix("/cdn-cgi/access/")
        guard isOurs else { return try await askApplication(address) }
        var fields = fields(for: address)
        if form != nil { fields.append(.contentType, "application/x-www-form-urlencoded") }
        guard
            let request = Request(
                method, address.target, host: address.authority, fields: fields, body: Array((form?.text ?? "").utf8),
                origin: Origin(peer: .loopbackV4, ray: 0xABC))
        else { throw Lost(address: url) }
        return keep(await world.send(request), address)
    }

    /// What a proxy does with a request to an application.
    private func askApplication(_ address: WebAddress) async throws -> Shown {
        var fields = fields(for: address)
        for (name, value) in [
            ("x-forwarded-host", address.authority), ("x-forwarded-proto", "http"),
            ("x-forwarded-uri", address.target), ("x-forwarded-method", "GET"), ("accept", "text/html"),
        ] {
            if let name = FieldName(name) { fields.append(name, value) }
        }
        guard
            let request = Request(
                .get, "/cdn-cgi/access/forward-auth", host: "localhost:8787", fields: fields,
                origin: Origin(peer: .loopbackV4, ray: 0xABC))
        else { throw Lost(address: address.description) }
        return keep(await world.send(request), address)
    }

    private func askProvider(_ address: WebAddress) async throws -> Shown {
        let who = address.target.hasPrefix("/authorize") ? "&user=\(person)" : ""
        let answer = try await world.base.fetcher.get(address.description + who)
        var response = Response(Status(UInt16(answer.status)), text: String(decoding: answer.body, as: UTF8.self))
        if let location = answer.location { response.fields.append(.location, location) }
        return Shown(url: address, response: response)
    }

    // MARK: Cookies

    private func fields(for address: WebAddress) -> Fields {
        var fields = Fields()
        fields.append(.forwardedFor, self.address)
        let known = cookies[address.host] ?? [:]
        if !known.isEmpty {
            fields.append(.cookie, known.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "; "))
        }
        return fields
    }

    private func keep(_ response: Response, _ address: WebAddress) -> Shown {
        for field in response.fields.values(.setCookie) {
            setCookies.append(field)
            let pair = field.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let (name, value) = (String(pair[0]), String(pair[1]))
            cookies[address.host, default: [:]][name] = field.contains("Max-Age=0") ? nil : value
        }
        return Shown(url: address, response: response)
    }

    func cookie(_ name: String, at host: String) -> String? { cookies[host]?[name] }
    func forget(_ name: String, at host: String) { cookies[host]?[name] = nil }
}
