import Crypto
import EventLoops
import Glibc
import HTTP
import HTTPClient
import Primitives
import Testing

/// Runs `body` with a client on its own loop; both end with it.
@discardableResult
func withClient<Value>(
    _ options: HTTPClientOptions = options { _ in }, _ body: (OutboundClient) async throws -> Value
) async throws -> Value {
    let group = try EventLoopGroup(loops: 2, name: "client")
    defer { group.shutdown() }
    let client = try OutboundClient(options, group: group)
    defer { client.closeIdleConnections() }
    return try await body(client)
}

/// The default options with a change, and with time for a loaded machine: tests of deadlines set their own.
func options(_ change: (inout HTTPClientOptions) -> Void) -> HTTPClientOptions {
    var options = HTTPClientOptions()
    options.totalDeadline = .seconds(60)
    options.connectDeadline = .seconds(60)
    change(&options)
    return options
}

/// Expects a deadline to pass, in whichever phase: on a busy machine a short one may pass early.
func expectTimeout(
    _ body: () async throws -> InboundResponse, sourceLocation: SourceLocation = #_sourceLocation
) async {
    do {
        let response = try await body()
        Issue.record("answered with \(response.status)", sourceLocation: sourceLocation)
    } catch {
        let isTimeout = if case .timedOut? = error as? HTTPClientError { true } else { false }
        #expect(isTimeout, "\(error)", sourceLocation: sourceLocation)
    }
}

extension InboundResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// An authority and certificates it issued, as PEM files in a folder that goes away with it.
final class TestAuthority {
    let folder: String
    let authorityPath: String
    private let key: PrivateKey

    init() throws {
        var template = Array("/tmp/orgd-tls-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError(code: errno) }
        folder = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        authorityPath = folder + "/authority.pem"
        key = try PrivateKey.generate(.elliptic(.p256))
        let now = SystemClock().now
        let pem = try Certificate.selfSigned(
            commonName: "Test authority", key: key, validFrom: now - .seconds(3600), validUntil: now + .seconds(3600),
            isAuthority: true)
        try Self.write(pem, authorityPath)
    }

    deinit {
        for name in ["authority.pem", "server.pem", "server.key"] { unlink(folder + "/" + name) }
        rmdir(folder)
    }

    /// The context of a server with a certificate for these names.
    func server(
        dnsNames: [String] = [], addresses: [String] = [], validFor seconds: Int64 = 3600
    ) throws -> TLSContext {
        let serverKey = try PrivateKey.generate(.elliptic(.p256))
        let now = SystemClock().now
        let pem = try Certificate.issue(
            commonName: "server", key: serverKey.publicKey, issuer: ("Test authority", key),
            validFrom: now - .seconds(1800), validUntil: now + .seconds(seconds), dnsNames: dnsNames,
            addresses: addresses)
        try Self.write(pem, folder + "/server.pem")
        try Self.write(try serverKey.exposedPEM(), folder + "/server.key")
        return try TLSContext(certificatePath: folder + "/server.pem", keyPath: folder + "/server.key")
    }

    private static func write(_ text: String, _ path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw SystemError(code: errno) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw SystemError(code: errno) }
    }
}
