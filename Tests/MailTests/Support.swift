import Crypto
import EventLoops
import Foundation
import Mail
import Primitives
import Testing

/// A folder that goes with its owner.
final class Folder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "mail-\(RandomToken.hex(bytes: 8))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A self-signed certificate for some names, and the server that presents it.
final class TestCertificate: Sendable {
    let path: String
    let server: TLSContext
    private let folder: Folder

    init(dnsNames: [String] = ["localhost"], addresses: [String] = ["127.0.0.1"], validFor seconds: Int64 = 3600) throws
    {
        folder = try Folder()
        path = folder.path + "/server.pem"
        let key = try PrivateKey.generate(.elliptic(.p256))
        let now = SystemClock().now
        let pem = try Certificate.selfSigned(
            commonName: "mail", key: key, validFrom: now - .seconds(3600), validUntil: now + .seconds(seconds),
            dnsNames: dnsNames, addresses: addresses)
        try Data(pem.utf8).write(to: URL(filePath: path))
        let keyPath = folder.path + "/server.key"
        try Data(try key.exposedPEM().utf8).write(to: URL(filePath: keyPath))
        server = try TLSContext(certificatePath: path, keyPath: keyPath)
    }
}

/// Sends one message through a sink on loops of its own. The deadline is far off, because hundreds of other tests may want
/// the processor first; the tests of the deadline set their own.
func deliver(
    _ settings: SMTPSettings, message: MailMessage? = nil, trusting path: String? = nil,
    deadline: Duration = .seconds(300), exemptsLoopback: Bool = true
) async throws {
    let group = try EventLoopGroup(loops: 1, name: "mail")
    defer { group.shutdown() }
    let trust = path.map { TLSClientContext.Trust.only(authorityPath: $0) } ?? .system
    let sink = try SMTPSink(settings, trust: trust, group: group, deadline: deadline, exemptsLoopback: exemptsLoopback)
    let message = try message ?? sample()
    try await sink.send(message)
}

func sample(
    to: String = "ada@example.org", subject: String = "Your code", body: String = "Your code is 421907.\n"
) throws -> MailMessage {
    try MailMessage(
        from: try address("orgd@acme.example.org"), to: try address(to), subject: subject, body: body,
        date: Timestamp(seconds: 1_767_312_000), id: "0123456789abcdef")
}

func address(_ text: String) throws -> MailAddress { try #require(MailAddress(text)) }

extension MailMessage {
    var text: String { String(decoding: bytes, as: UTF8.self) }
}
