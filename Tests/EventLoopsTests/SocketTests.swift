import EventLoops
import Primitives
import Testing

/// Loops that live as long as the test process.
enum Loops {
    static let shared: EventLoopGroup = {
        do {
            return try EventLoopGroup(loops: 2, name: "test")
        } catch {
            preconditionFailure("no loops for the tests: \(error)")
        }
    }()
}

/// Accepts connections and leaves them to the test.
final class Peers: Sendable {
    let address: SocketAddress
    private let listener: LoopBound<Listener>

    init(onAccept: @escaping @Sendable (inout Descriptor) -> Void) throws {
        let loop = Loops.shared.loops[0]
        let bound = try BoundSocket(SocketAddress(ip: .loopbackV4, port: 0))
        address = bound.address
        let number = bound.release()
        listener = LoopBound(on: loop) {
            Listener(owning: number, on: loop) { descriptor, _ in
                var descriptor = descriptor
                onAccept(&descriptor)
            }
        }
        listener.run { try? $0.start() }
    }

    func close() async {
        await withCheckedContinuation { continuation in
            listener.run {
                $0.close()
                continuation.resume()
            }
        }
    }
}

@Suite("Sockets")
struct SocketTests {
    private let loop = Loops.shared.loops[1]

    @Test("a socket reads what was sent, then the end")
    func read() async throws {
        let peers = try Peers { descriptor in
            _ = Array("hello".utf8).withUnsafeBytes { descriptor.send($0) }
        }
        let socket = try await StreamSocket.connect(to: peers.address, on: loop, deadline: .seconds(10))
        var text: [UInt8] = []
        while true {
            let bytes = try await socket.read(atMost: 2, deadline: .seconds(10))
            if bytes.isEmpty { break }
            #expect(bytes.count <= 2)
            text += bytes
        }
        #expect(text == Array("hello".utf8))
        await peers.close()
    }

    @Test("a refused connection says so")
    func refused() async throws {
        let peers = try Peers { _ in }
        await peers.close()
        await #expect(throws: SocketError.refused) {
            try await StreamSocket.connect(to: peers.address, on: loop, deadline: .seconds(10))
        }
    }

    @Test("a read ends at its deadline and closes the socket")
    func deadline() async throws {
        // Nobody accepts: the kernel completes the connection, and nothing is ever sent.
        let bound = try BoundSocket(SocketAddress(ip: .loopbackV4, port: 0))
        let socket = try await StreamSocket.connect(to: bound.address, on: loop, deadline: .seconds(10))
        await #expect(throws: SocketError.timedOut) {
            try await socket.read(deadline: .milliseconds(5))
        }
        await #expect(throws: SocketError.timedOut) {
            try await socket.write([1], deadline: .seconds(10))
        }
        _ = consume bound
    }

    @Test("a cancelled read ends")
    func cancelled() async throws {
        let bound = try BoundSocket(SocketAddress(ip: .loopbackV4, port: 0))
        let socket = try await StreamSocket.connect(to: bound.address, on: loop, deadline: .seconds(10))
        let task = Task { () -> SocketError? in
            do throws(SocketError) {
                _ = try await socket.read(deadline: .seconds(3600))
                return nil
            } catch {
                return error
            }
        }
        task.cancel()
        #expect(await task.value == .cancelled)
        _ = consume bound
    }

    @Test("a write larger than every buffer is limited by its deadline")
    func stalledWrite() async throws {
        let bound = try BoundSocket(SocketAddress(ip: .loopbackV4, port: 0))
        let socket = try await StreamSocket.connect(to: bound.address, on: loop, deadline: .seconds(10))
        await #expect(throws: SocketError.timedOut) {
            try await socket.write([UInt8](repeating: 0, count: 64 << 20), deadline: .milliseconds(50))
        }
        _ = consume bound
    }

    @Test("an address in use cannot be bound again")
    func addressInUse() throws {
        let bound = try BoundSocket(SocketAddress(ip: .loopbackV4, port: 0))
        #expect(throws: SystemError.addressInUse) { _ = try BoundSocket(bound.address) }
        _ = consume bound
    }

    @Test("literal addresses and localhost resolve")
    func resolve() async throws {
        let literal = try await Resolver.resolve(host: "[::1]", port: 1)
        #expect(literal == [SocketAddress(ip: .loopbackV6, port: 1)])
        let local = try await Resolver.resolve(host: "localhost", port: 2, on: loop)
        #expect(local.contains { $0.ip.isLoopback && $0.port == 2 })
    }

    @Test(
        "names below localhost are this machine, whatever the system knows",
        arguments: ["a.localhost", "A.b.LOCALHOST"])
    func belowLocalhost(_ host: String) async throws {
        let addresses = try await Resolver.resolve(host: host, port: 3, on: loop)
        #expect(addresses.map(\.description) == ["127.0.0.1:3", "[::1]:3"])
    }

    @Test("an impossible name does not resolve", arguments: ["", "a\u{0}b", "name.invalid."])
    func unresolved(_ host: String) async throws {
        do throws(SocketError) {
            _ = try await Resolver.resolve(host: host, port: 1, on: loop, deadline: .milliseconds(500))
            Issue.record("resolved")
        } catch {
            // Without a resolver in reach the system waits instead of answering.
            #expect(error == .timedOut || { if case .unresolved = error { true } else { false } }())
        }
    }

    @Test("socket addresses are read and written", arguments: ["127.0.0.1:8787", "[::1]:0", "[2001:db8::1]:65535"])
    func addressText(_ text: String) { #expect(SocketAddress(text)?.description == text) }

    @Test(
        "malformed socket addresses",
        arguments: [
            "", "127.0.0.1", ":80", "::1:80", "[127.0.0.1]:80", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:+1", "a:80",
        ])
    func malformedAddress(_ text: String) { #expect(SocketAddress(text) == nil) }
}

@Suite("IP addresses")
struct IPAddressTests {
    @Test(
        "addresses have one canonical text",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("::", "::"), ("::1", "::1"),
            ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("fe80::", "fe80::"),
            ("::ffff:192.0.2.1", "192.0.2.1"), ("::ffff:c000:201", "192.0.2.1"),
            ("64:ff9b::192.0.2.1", "64:ff9b::c000:201"),
        ])
    func canonical(_ text: String, _ canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.text == canonical)
        #expect(IPAddress(canonical) == address)
        #expect(IPAddress(bytes: address.bytes) == address)
    }

    @Test(
        "malformed addresses",
        arguments: [
            "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.", "+1.2.3.4", "1.2.3.4 ", ":", ":::",
            "1::2::3", "::12345",
            "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::g", "::+1", "::-0", "::1.2.3", "1.2.3.4::",
            "[::1]", "fe80::1%eth0",
        ])
    func malformed(_ text: String) { #expect(IPAddress(text) == nil) }

    @Test(
        "networks contain their addresses and no others",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.1.2.3/8", "10.9.9.9", true),
            ("0.0.0.0/0", "255.1.1.1", true), ("0.0.0.0/0", "::1", false), ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false), ("2001:db8::/32", "2001:db8:ffff::", true),
            ("2001:db8::/32", "2001:db9::", false), ("::1", "::1", true), ("::1/128", "::2", false),
            ("::/0", "fe80::1", true),
            ("fe80::/65", "fe80::7fff:0:0:1", true), ("fe80::/65", "fe80::8000:0:0:1", false),
            ("::ffff:10.0.0.0/104", "10.1.1.1", true), ("10.0.0.0/8", "::ffff:10.0.0.1", true),
        ])
    func contains(_ network: String, _ address: String, _ isMember: Bool) throws {
        let network = try #require(CIDR(network))
        #expect(network.contains(try #require(IPAddress(address))) == isMember)
    }

    @Test("host bits are cleared")
    func hostBits() {
        #expect(CIDR("10.1.2.3/8")?.description == "10.0.0.0/8")
        #expect(CIDR("10.1.2.3/8") == CIDR("10.0.0.0/8"))
        #expect(CIDR("2001:db8::1/64")?.description == "2001:db8::/64")
        #expect(CIDR("192.0.2.1")?.description == "192.0.2.1/32")
    }

    @Test(
        "malformed networks",
        arguments: [
            "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "::/129", "10.0.0.0/8/8",
            "::ffff:10.0.0.0/95",
        ])
    func malformedNetworks(_ text: String) { #expect(CIDR(text) == nil) }
}
