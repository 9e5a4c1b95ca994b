import Crypto
import HTTP
import HTTPClient
import Primitives
import Testing

@Suite("TLS")
struct TLSTests {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    @Test("a certificate of a trusted authority for the host is accepted", arguments: ["localhost", "127.0.0.1"])
    func trusted(_ host: String) async throws {
        let authority = try TestAuthority()
        let server = try RawServer.answering(
            Self.ok, tls: try authority.server(dnsNames: ["localhost"], addresses: ["127.0.0.1"]))
        defer { server.stop() }
        try await withClient(options { $0.trust = .systemAnd(authorityPath: authority.authorityPath) }) { client in
            for _ in 0..<3 {
                let response = try await client.send(OutboundRequest(.get, try server.url(host: host)))
                #expect(response.text == "ok")
            }
        }
        #expect(server.connections == 1)
    }

    @Test("large bodies pass in both directions")
    func large() async throws {
        let authority = try TestAuthority()
        let body = String(repeating: "0123456789", count: 50_000)
        let server = try RawServer.answering(
            "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)",
            tls: try authority.server(dnsNames: ["localhost"]))
        defer { server.stop() }
        try await withClient(options { $0.trust = .only(authorityPath: authority.authorityPath) }) { client in
            let request = OutboundRequest(.post, try server.url(host: "localhost"), body: Array(body.utf8))
            #expect(try await client.send(request).text == body)
        }
        #expect(server.requests.first?.hasSuffix(body) == true)
    }

    enum Fault: CaseIterable { case otherAuthority, otherName, otherAddress, expired, selfSigned }

    @Test("a wrong certificate is refused before the request is sent", arguments: Fault.allCases)
    func wrong(_ fault: Fault) async throws {
        let authority = try TestAuthority()
        let other = try TestAuthority()
        let context =
            switch fault {
            case .otherAuthority: try other.server(dnsNames: ["localhost"])
            case .otherName: try authority.server(dnsNames: ["example.org", "*.localhost"])
            case .otherAddress: try authority.server(dnsNames: ["127.0.0.1"], addresses: ["127.0.0.2"])
            case .expired: try authority.server(dnsNames: ["localhost"], validFor: -60)
            case .selfSigned: try authority.server(dnsNames: ["localhost"])
            }
        let server = try RawServer.answering(Self.ok, tls: context)
        defer { server.stop() }
        let host = fault == .otherAddress ? "127.0.0.1" : "localhost"
        try await withClient(
            options { options in
                if fault != .selfSigned { options.trust = .systemAnd(authorityPath: authority.authorityPath) }
            }
        ) { client in
            do {
                _ = try await client.send(OutboundRequest(.get, try server.url(host: host)))
                Issue.record("accepted")
            } catch let error as HTTPClientError {
                let isTLS = if case .tls = error { true } else { false }
                #expect(isTLS, "\(error)")
            }
        }
        #expect(server.requests.isEmpty)
    }

    @Test("verification can be switched off for diagnosis")
    func unverified() async throws {
        let authority = try TestAuthority()
        let server = try RawServer.answering(Self.ok, tls: try authority.server(dnsNames: ["example.org"]))
        defer { server.stop() }
        try await withClient(options { $0.trust = .withoutVerification }) { client in
            let response = try await client.send(OutboundRequest(.get, try server.url(host: "localhost")))
            #expect(response.text == "ok")
        }
    }

    @Test("a server that does not speak TLS is a TLS failure, a silent one a timeout")
    func noTLS() async throws {
        let plain = try RawServer { peer in
            peer.write("HTTP/1.1 400 Bad Request\r\n\r\n")
            _ = peer.waitsForClose(milliseconds: 30_000)
        }
        defer { plain.stop() }
        let silent = try RawServer { peer in _ = peer.waitsForClose(milliseconds: 30_000) }
        defer { silent.stop() }
        try await withClient { client in
            let url = try #require(WebAddress("https://127.0.0.1:\(plain.port)/"))
            do {
                _ = try await client.send(OutboundRequest(.get, url))
                Issue.record("accepted")
            } catch let error as HTTPClientError {
                let isTLS = if case .tls = error { true } else { false }
                #expect(isTLS, "\(error)")
            }
            var request = OutboundRequest(.get, try #require(WebAddress("https://127.0.0.1:\(silent.port)/")))
            request.deadline = .milliseconds(200)
            await expectTimeout { try await client.send(request) }
        }
    }

    @Test("a body that ends with the connection needs the closing alert")
    func truncation() async throws {
        let authority = try TestAuthority()
        let server = try RawServer(tls: try authority.server(dnsNames: ["localhost"])) { peer in
            guard peer.readRequest() != nil else { return }
            peer.write("HTTP/1.1 200 OK\r\n\r\nhalf")
        }
        defer { server.stop() }
        try await withClient(options { $0.trust = .systemAnd(authorityPath: authority.authorityPath) }) { client in
            let request = OutboundRequest(.get, try server.url(host: "localhost"))
            await #expect(throws: HTTPClientError.connectionFailed("connection closed")) {
                try await client.send(request)
            }
        }
    }

    @Test("an authority file that cannot be read stops the client")
    func badAuthority() async throws {
        await #expect(throws: HTTPClientError.self) {
            try await withClient(options { $0.trust = .systemAnd(authorityPath: "/nonexistent.pem") }) { _ in }
        }
    }
}
