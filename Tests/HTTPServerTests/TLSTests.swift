import Crypto
import EventLoops
import Glibc
import HTTP
import HTTPServer
import Primitives
import Testing

/// Certificate and key files in a folder of their own, removed with the value.
final class CertificateFiles {
    let folder: String

    var tls: ServerOptions.TLS { .init(certificatePath: "\(folder)/cert.pem", keyPath: "\(folder)/key.pem") }

    init() throws {
        var template = Array("/tmp/orgd-tls-XXXXXX".utf8CString)
        folder = template.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress, let path = mkdtemp(start) else { return "/nonexistent" }
            return String(cString: path)
        }
        try renew()
    }

    deinit {
        for name in ["cert.pem", "key.pem"] { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    /// Writes a new pair.
    func renew() throws {
        let key = try PrivateKey.generate(.elliptic(.p256))
        let certificate = try Certificate.selfSigned(
            commonName: "localhost", key: key, validFrom: SystemClock().now - .seconds(60),
            validUntil: SystemClock().now + .seconds(3600), dnsNames: ["localhost"])
        write(certificate, "cert.pem")
        write(try key.exposedPEM(), "key.pem")
    }

    func write(_ text: String, _ name: String) {
        guard let file = fopen("\(folder)/\(name)", "w") else { return }
        fputs(text, file)
        fclose(file)
    }
}

/// A TLS client over a stream socket.
final class SecureClient {
    private let socket: StreamSocket
    private var tls: TLSConnection

    init(_ address: SocketAddress, trusting context: TLSClientContext) async throws {
        socket = try await StreamSocket.connect(to: address, on: Loops.clients.loops[0], deadline: TestClient.patience)
        tls = try TLSConnection(client: context, host: "localhost")
        while true {
            let isComplete = try tls.handshake()
            try await flush()
            if isComplete { return }
            let bytes = try await socket.read(deadline: TestClient.patience)
            // A server that gave up: reading on would find the end again and again.
            guard !bytes.isEmpty else { throw SocketError.closed }
            try tls.receive(bytes)
        }
    }

    func send(_ text: String) async throws {
        try tls.write(Array(text.utf8))
        try await flush()
    }

    /// Everything up to the closing alert.
    func readToEnd() async throws -> [UInt8] {
        var text: [UInt8] = []
        while true {
            switch try tls.read(atMost: 16_384) {
            case .bytes(let bytes): text += bytes
            case .closed: return text
            case .wantsMore:
                let bytes = try await socket.read(deadline: TestClient.patience)
                if bytes.isEmpty { tls.receiveEnd() } else { try tls.receive(bytes) }
            }
        }
    }

    private func flush() async throws {
        let bytes = tls.takeCiphertext()
        if !bytes.isEmpty { try await socket.write(bytes, deadline: TestClient.patience) }
    }
}

@Suite("TLS")
struct TLSTests {
    private func trust(_ files: CertificateFiles) throws -> TLSClientContext {
        try TLSClientContext(trust: .only(authorityPath: files.tls.certificatePath))
    }

    @Test("requests travel over TLS, the last one ends with the closing alert")
    func roundTrip() async throws {
        let files = try CertificateFiles()
        let server = try TestServer(tls: files.tls)
        let client = try await SecureClient(server.address, trusting: trust(files))
        try await client.send("GET /secure HTTP/1.1\r\nHost: a\r\n\r\nGET /big HTTP/1.1\r\nHost: a\r\n\r\n")
        try await client.send("GET /later HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        let text = String(decoding: try await client.readToEnd(), as: UTF8.self)
        #expect(text.components("HTTP/1.1 200 OK") == 3)
        #expect(text.contains("\r\n\r\ntrueHTTP/1.1"))
        #expect(text.hasSuffix("\r\n\r\nlater"))
        #expect(text.utf8.count > 5 << 20)
    }

    @Test("a renewed certificate serves new connections, established ones go on")
    func reload() async throws {
        let files = try CertificateFiles()
        let server = try TestServer(tls: files.tls)
        let old = try trust(files)
        let before = try await SecureClient(server.address, trusting: old)
        try files.renew()
        try server.server.reloadCertificate()
        let after = try await SecureClient(server.address, trusting: trust(files))
        for client in [before, after] {
            try await client.send("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(String(decoding: try await client.readToEnd(), as: UTF8.self).hasSuffix("/x"))
        }
        await #expect(throws: (any Error).self) { _ = try await SecureClient(server.address, trusting: old) }
    }

    @Test("a broken certificate file leaves the old pair in force")
    func brokenReload() async throws {
        let files = try CertificateFiles()
        let server = try TestServer(tls: files.tls)
        let context = try trust(files)
        files.write("no certificate", "cert.pem")
        #expect(throws: ServerError.self) { try server.server.reloadCertificate() }
        let client = try await SecureClient(server.address, trusting: context)
        try await client.send("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(String(decoding: try await client.readToEnd(), as: UTF8.self).hasSuffix("/x"))
    }

    @Test("plain text on a TLS port is refused, and a silent client is cut off")
    func plainText() async throws {
        let files = try CertificateFiles()
        let server = try TestServer(tls: files.tls) { $0.timeouts.head = .milliseconds(40) }
        let reply = try await server.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(!reply.contains("HTTP/1.1 200"))
        #expect(try await server.exchange("") == "")
    }

    @Test("a server with a missing certificate does not start")
    func missing() throws {
        #expect(throws: ServerError.self) {
            _ = try TestServer(tls: .init(certificatePath: "/nonexistent/cert.pem", keyPath: "/nonexistent/key.pem"))
        }
    }
}
