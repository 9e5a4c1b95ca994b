import HTTP
import Primitives
import Testing

@Suite("Trusted proxies")
struct TrustedProxiesTests {
    private static let proxies = TrustedProxies(["10.0.0.0/8", "::1/128"].compactMap { CIDR($0) })

    /// A request from `peer` with these fields.
    private func request(from peer: String, _ fields: [String]) throws -> Request {
        let text = "GET / HTTP/1.1\r\nhost: own.example:8787\r\n\(fields.map { $0 + "\r\n" }.joined())\r\n"
        var parser = RequestParser()
        let address = try #require(IPAddress(peer))
        guard
            case .head(let head, _) = parser.parse(
                Array(text.utf8).span, Origin(peer: address, isSecure: false, ray: 1))
        else { throw Unparsed() }
        return Request(head)
    }

    private struct Unparsed: Error {}

    @Test(
        "the client is the rightmost hop that is no proxy",
        arguments: [
            ("10.0.0.1", ["x-forwarded-for: 192.0.2.7"], "192.0.2.7"),
            ("10.0.0.1", ["x-forwarded-for: 198.51.100.1, 192.0.2.7, 10.9.9.9"], "192.0.2.7"),
            ("10.0.0.1", ["x-forwarded-for: 198.51.100.1", "x-forwarded-for: 192.0.2.7"], "192.0.2.7"),
            ("::1", ["x-forwarded-for: 2001:db8::7"], "2001:db8::7"),
            // Whoever is no proxy can say what it likes.
            ("192.0.2.9", ["x-forwarded-for: 10.0.0.1"], "192.0.2.9"),
            ("10.0.0.1", ["x-forwarded-for: 192.0.2.7, unknown"], "10.0.0.1"),
            ("10.0.0.1", ["x-forwarded-for: 10.2.2.2"], "10.0.0.1"),
            ("10.0.0.1", [], "10.0.0.1"),
        ])
    func client(peer: String, fields: [String], expected: String) throws {
        let found = Self.proxies.clientAddress(of: try request(from: peer, fields))
        #expect(found == IPAddress(expected))
    }

    @Test(
        "the host is what one proxy forwards, once",
        arguments: [
            ("10.0.0.1", ["x-forwarded-host: app.example"], "app.example"),
            ("192.0.2.9", ["x-forwarded-host: app.example"], "own.example:8787"),
            ("10.0.0.1", ["x-forwarded-host: a.example, b.example"], "own.example:8787"),
            ("10.0.0.1", ["x-forwarded-host: a.example", "x-forwarded-host: b.example"], "own.example:8787"),
        ])
    func host(peer: String, fields: [String], expected: String) throws {
        #expect(Self.proxies.authority(of: try request(from: peer, fields)) == expected)
    }

    @Test(
        "an authority's host has neither port nor brackets",
        arguments: [
            ("App.Example:443", "app.example"), ("[2001:DB8::1]:80", "2001:db8::1"), ("[::1]", "::1"), ("", ""),
        ])
    func hosts(authority: String, host: String) { #expect(Authority.host(of: authority) == host) }
}
