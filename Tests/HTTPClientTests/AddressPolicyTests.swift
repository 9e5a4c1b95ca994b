import HTTP
import HTTPClient
import Primitives
import Testing

@Suite("Address rules")
struct AddressPolicyTests {
    @Test(
        "addresses of the public Internet are allowed",
        arguments: [
            "1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0",
            "169.253.255.255", "11.0.0.0",
            "192.0.1.1", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2a00::1",
            "2001:4860:4860::8888", "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
        ])
    func allowed(_ text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(AddressPolicy.publicOnly.allows(address))
    }

    @Test(
        "special addresses are refused, in every disguise",
        arguments: [
            "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1",
            "127.255.255.255", "169.254.169.254",
            "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1",
            "198.19.255.255", "198.51.100.7",
            "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1",
            "::10.0.0.1",
            "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b::0.0.0.0", "64:ff9b::1:0:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:2::1", "2001:10::1",
            "2001:20::1", "2001:db8::1",
            "2002:7f00:1::", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "febf::1",
            "fec0::1", "ff02::1", "4000::1",
        ])
    func refused(_ text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(!AddressPolicy.publicOnly.allows(address))
        #expect(AddressPolicy.any.allows(address))
    }

    @Test("listed networks are allowed, also behind a translator, and nothing else")
    func exceptions() throws {
        let policy = AddressPolicy.publicOnly(allowing: [
            try #require(CIDR("10.1.0.0/16")), try #require(CIDR("fd00::/8")),
        ])
        for text in ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "fd00::7", "8.8.8.8"] {
            #expect(policy.allows(try #require(IPAddress(text))), "\(text)")
        }
        for text in ["10.2.0.1", "127.0.0.1", "fc00::1", "64:ff9b::10.2.0.1"] {
            #expect(!policy.allows(try #require(IPAddress(text))), "\(text)")
        }
    }

    @Test(
        "a refused address is not connected to, however the host is written",
        arguments: ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
    func notConnected(_ host: String) async throws {
        let server = try RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        defer { server.stop() }
        try await withClient(options { $0.addresses = .publicOnly }) { client in
            let url = try server.url(host: host)
            do {
                _ = try await client.send(OutboundRequest(.get, url))
                Issue.record("connected")
            } catch let error as HTTPClientError {
                switch error {
                case .refusedAddress(let address): #expect(address.isLoopback)
                case .unresolved: break
                default: Issue.record("\(error)")
                }
            }
        }
        #expect(server.connections == 0)
    }

    @Test("loopback may be allowed by its network")
    func loopbackAllowed() async throws {
        let server = try RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        defer { server.stop() }
        let network = try #require(CIDR("127.0.0.0/8"))
        try await withClient(options { $0.addresses = .publicOnly(allowing: [network]) }) { client in
            let response = try await client.send(OutboundRequest(.get, try server.url()))
            #expect(response.status == .ok)
        }
    }

    @Test("http without TLS goes where it may")
    func plain() async throws {
        let server = try RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        defer { server.stop() }
        try await withClient(options { $0.plainHTTP = .never }) { client in
            let url = try server.url()
            await #expect(throws: HTTPClientError.refusedAddress(.loopbackV4)) {
                try await client.send(OutboundRequest(.get, url))
            }
        }
        try await withClient { client in
            let url = try #require(WebAddress("http://192.0.2.1/"))
            let refused = try #require(IPAddress("192.0.2.1"))
            await #expect(throws: HTTPClientError.refusedAddress(refused)) {
                try await client.send(OutboundRequest(.get, url))
            }
        }
        #expect(server.connections == 0)
    }
}
