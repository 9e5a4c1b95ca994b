import Crypto
import Primitives
import Testing

/// A server and its certificate, and what a client needs to trust it.
private struct Endpoint {
    let server: TLSContext
    let certificate: TemporaryFile

    init(
        _ template: KeyTemplate = .elliptic(.p256), dnsNames: [String] = ["server.test"], addresses: [String] = [],
        validFor: Range<Int64> = -3600..<3600
    ) throws {
        let key = try SampleKeys.key(template)
        let now = SystemClock().now
        let pem = try Certificate.selfSigned(
            commonName: "server.test", key: key, validFrom: now + .seconds(validFor.lowerBound),
            validUntil: now + .seconds(validFor.upperBound), dnsNames: dnsNames, addresses: addresses)
        certificate = try TemporaryFile(pem)
        let keyFile = try TemporaryFile(try key.exposedPEM())
        server = try TLSContext(certificatePath: certificate.path, keyPath: keyFile.path)
    }
}

/// Moves ciphertext between two connections until both have finished their handshakes.
private func shakeHands(
    _ client: inout TLSConnection, _ server: inout TLSConnection, cut: Int = .max
) throws(CryptoError) {
    for _ in 0..<10_000 {
        let clientIsDone = try client.handshake()
        try server.receive(client.takeCiphertext())
        let serverIsDone = try server.handshake()
        let answer = server.takeCiphertext()
        for start in stride(from: 0, to: answer.count, by: min(cut, max(answer.count, 1))) {
            try client.receive(answer[start..<min(answer.count, start + min(cut, answer.count))])
            if cut < answer.count { _ = try client.handshake() }
        }
        if clientIsDone && serverIsDone { return }
    }
    throw .truncated
}

@Suite("TLS")
struct TLSTests {
    @Test("a client that trusts the certificate exchanges data both ways", arguments: SampleKeys.templates)
    func exchange(_ template: KeyTemplate) throws {
        let endpoint = try Endpoint(template)
        let trust = try TLSClientContext(trust: .only(authorityPath: endpoint.certificate.path))
        var client = try TLSConnection(client: trust, host: "server.test")
        var server = try TLSConnection(server: endpoint.server)
        // No Ed25519 and P-521 certificates are in every client's list; ours offers them.
        try shakeHands(&client, &server)
        #expect(client.version == "TLSv1.3")
        #expect(client.applicationProtocol == "http/1.1")
        #expect(server.applicationProtocol == "http/1.1")

        try client.write("hello".utf8)
        try server.receive(client.takeCiphertext())
        #expect(try server.read(atMost: 100) == .bytes(Array("hello".utf8)))
        #expect(try server.read(atMost: 100) == .wantsMore)

        let large = RandomBytes.generate(200_000)
        try server.write(large)
        try client.receive(server.takeCiphertext())
        var received: [UInt8] = []
        while case .bytes = try client.read(atMost: 16_384, into: &received) {}
        #expect(received == large)

        server.close()
        try client.receive(server.takeCiphertext())
        #expect(try client.read(atMost: 1) == .closed)
    }

    @Test("ciphertext may arrive in any pieces")
    func pieces() throws {
        let endpoint = try Endpoint()
        let trust = try TLSClientContext(trust: .only(authorityPath: endpoint.certificate.path))
        var client = try TLSConnection(client: trust, host: "server.test")
        var server = try TLSConnection(server: endpoint.server)
        try shakeHands(&client, &server, cut: 1)
        try client.write("drop by drop".utf8)
        var received: [UInt8] = []
        for byte in client.takeCiphertext() {
            try server.receive([byte])
            _ = try server.read(atMost: 100, into: &received)
        }
        #expect(received == Array("drop by drop".utf8))
    }

    @Test("an address is verified as one")
    func address() throws {
        let endpoint = try Endpoint(dnsNames: [], addresses: ["127.0.0.1", "::1"])
        let trust = try TLSClientContext(trust: .only(authorityPath: endpoint.certificate.path))
        for host in ["127.0.0.1", "::1"] {
            var client = try TLSConnection(client: trust, host: host)
            var server = try TLSConnection(server: endpoint.server)
            try shakeHands(&client, &server)
        }
        var client = try TLSConnection(client: trust, host: "127.0.0.2")
        var server = try TLSConnection(server: endpoint.server)
        #expect(rejects(&client, &server))
    }

    @Test("a wildcard covers one label")
    func wildcard() throws {
        let endpoint = try Endpoint(dnsNames: ["*.apps.test"])
        let trust = try TLSClientContext(trust: .only(authorityPath: endpoint.certificate.path))
        var client = try TLSConnection(client: trust, host: "one.apps.test")
        var server = try TLSConnection(server: endpoint.server)
        try shakeHands(&client, &server)
        for host in ["apps.test", "a.b.apps.test", "onexapps.test"] {
            var stranger = try TLSConnection(client: trust, host: host)
            var other = try TLSConnection(server: endpoint.server)
            #expect(rejects(&stranger, &other))
        }
    }

    @Test("an untrusted, foreign or expired certificate ends the handshake")
    func rejection() throws {
        let endpoint = try Endpoint()
        let other = try Endpoint()
        let expired = try Endpoint(validFor: -7200..<(-3600))
        let future = try Endpoint(validFor: 3600..<7200)
        let cases = [
            (other.certificate, "server.test", endpoint.server), (endpoint.certificate, "other.test", endpoint.server),
            (expired.certificate, "server.test", expired.server), (future.certificate, "server.test", future.server),
        ]
        for (authority, host, context) in cases {
            let trust = try TLSClientContext(trust: .only(authorityPath: authority.path))
            var client = try TLSConnection(client: trust, host: host)
            var server = try TLSConnection(server: context)
            #expect(rejects(&client, &server))
        }
        var client = try TLSConnection(client: TLSClientContext(), host: "server.test")
        var server = try TLSConnection(server: endpoint.server)
        #expect(rejects(&client, &server))
    }

    @Test("without verification any certificate passes, and only then")
    func withoutVerification() throws {
        let endpoint = try Endpoint(validFor: -7200..<(-3600))
        var client = try TLSConnection(client: TLSClientContext(trust: .withoutVerification), host: "other.test")
        var server = try TLSConnection(server: endpoint.server)
        try shakeHands(&client, &server)
        #expect(throws: CryptoError.certificateRejected("no host to compare with")) {
            _ = try TLSConnection(client: TLSClientContext(), host: "")
        }
        #expect(throws: CryptoError.certificateRejected("no host to compare with")) {
            _ = try TLSConnection(client: TLSClientContext(), host: "server.test\0.attacker.test")
        }
    }

    @Test("an end without a closing alert is told apart")
    func truncation() throws {
        let endpoint = try Endpoint()
        let trust = try TLSClientContext(trust: .only(authorityPath: endpoint.certificate.path))
        var client = try TLSConnection(client: trust, host: "server.test")
        var server = try TLSConnection(server: endpoint.server)
        #expect(try client.handshake() == false)
        try shakeHands(&client, &server)
        try server.write("last words".utf8)
        try client.receive(server.takeCiphertext())
        client.receiveEnd()
        #expect(try client.read(atMost: 100) == .bytes(Array("last words".utf8)))
        var error: CryptoError?
        do throws(CryptoError) { _ = try client.read(atMost: 100) } catch let thrown { error = thrown }
        #expect(error == .truncated)
    }

    @Test("bytes that are not TLS are an error, not a trap")
    func garbage() throws {
        let endpoint = try Endpoint()
        for bytes in [
            Array("GET / HTTP/1.1\r\n\r\n".utf8), RandomBytes.generate(2000), [UInt8](repeating: 0, count: 500),
        ] {
            var server = try TLSConnection(server: endpoint.server)
            try server.receive(bytes)
            var failed = false
            do throws(CryptoError) { _ = try server.handshake() } catch { failed = true }
            #expect(failed)
        }
    }

    @Test("a changed record is refused")
    func tampering() throws {
        let endpoint = try Endpoint()
        let trust = try TLSClientContext(trust: .only(authorityPath: endpoint.certificate.path))
        var client = try TLSConnection(client: trust, host: "server.test")
        var server = try TLSConnection(server: endpoint.server)
        try shakeHands(&client, &server)
        try client.write("hello".utf8)
        var record = client.takeCiphertext()
        record[record.count - 1] ^= 1
        try server.receive(record)
        var failed = false
        do throws(CryptoError) { _ = try server.read(atMost: 100) } catch { failed = true }
        #expect(failed)
    }

    @Test("files that hold no certificate, or another key, make no context")
    func badFiles() throws {
        let key = try SampleKeys.key(.elliptic(.p256))
        let now = SystemClock().now
        let certificate = try TemporaryFile(
            Certificate.selfSigned(commonName: "a", key: key, validFrom: now, validUntil: now + .seconds(60)))
        let otherKey = try TemporaryFile(PrivateKey.generate(.elliptic(.p256)).exposedPEM())
        let ownKey = try TemporaryFile(key.exposedPEM())
        let nonsense = try TemporaryFile("nonsense")
        let encrypted = try TemporaryFile(Vectors.text("encrypted.pem"))
        for (one, other) in [
            (certificate.path, otherKey.path), (nonsense.path, ownKey.path), (certificate.path, nonsense.path),
            ("/nonexistent", ownKey.path), (certificate.path, "/nonexistent"), (certificate.path, encrypted.path),
        ] {
            #expect(throws: CryptoError.malformedKey) { try TLSContext(certificatePath: one, keyPath: other) }
        }
        #expect(throws: CryptoError.malformedKey) { try TLSClientContext(trust: .only(authorityPath: nonsense.path)) }
    }

    private func rejects(_ client: inout TLSConnection, _ server: inout TLSConnection) -> Bool {
        do throws(CryptoError) {
            try shakeHands(&client, &server)
            return false
        } catch {
            if case .certificateRejected = error { return true }
            return false
        }
    }
}

@Suite("Certificates")
struct CertificateTests {
    @Test("a certificate issued by an authority is accepted under that authority alone")
    func issuing() throws {
        let now = SystemClock().now
        let authorityKey = try PrivateKey.generate(.elliptic(.p384))
        let authority = try TemporaryFile(
            Certificate.selfSigned(
                commonName: "test authority", key: authorityKey, validFrom: now - .seconds(60),
                validUntil: now + .seconds(3600), isAuthority: true))
        let key = try PrivateKey.generate(.elliptic(.p256))
        let leaf = try TemporaryFile(
            Certificate.issue(
                commonName: "leaf", key: key.publicKey, issuer: ("test authority", authorityKey),
                validFrom: now - .seconds(60), validUntil: now + .seconds(3600), dnsNames: ["leaf.test"]))
        let keyFile = try TemporaryFile(key.exposedPEM())
        let context = try TLSContext(certificatePath: leaf.path, keyPath: keyFile.path)
        var client = try TLSConnection(
            client: TLSClientContext(trust: .systemAnd(authorityPath: authority.path)), host: "leaf.test")
        var server = try TLSConnection(server: context)
        try shakeHands(&client, &server)
    }

    @Test("names that cannot be encoded are refused")
    func names() throws {
        let key = try SampleKeys.key(.elliptic(.p256))
        let now = SystemClock().now
        for (commonName, dnsNames, addresses) in [
            ("", [], []), (String(repeating: "a", count: 65), [], []), ("a", ["a b"], []), ("a", ["a,DNS:b"], []),
            ("a", [""], []), ("a", ["a\0b"], []), ("a", [], ["1.2.3"]), ("a", [], ["1.2.3.4/8"]),
        ] as [(String, [String], [String])] {
            #expect(throws: CryptoError.malformedKey) {
                try Certificate.selfSigned(
                    commonName: commonName, key: key, validFrom: now, validUntil: now, dnsNames: dnsNames,
                    addresses: addresses)
            }
        }
    }

    @Test("a certificate is a PEM block with a key's name in it")
    func encoding() throws {
        let key = try SampleKeys.key(.rsa(bits: 2048))
        let pem = try Certificate.selfSigned(
            commonName: "team.example.org", key: key, validFrom: Timestamp(seconds: 0),
            validUntil: Timestamp(seconds: 4_102_444_800))
        #expect(pem.hasPrefix("-----BEGIN CERTIFICATE-----\n"))
        #expect(pem.hasSuffix("-----END CERTIFICATE-----\n"))
        #expect(pem.split(separator: "\n").allSatisfy { $0.utf8.count <= 64 })
        let der = try #require(Certificate.der(pem: pem))
        let text = String(decoding: der, as: UTF8.self)
        #expect(text.contains("team.example.org"))
        // 1970 fits the two-digit form, 2100 needs the long one.
        #expect(text.contains("700101000000Z"))
        #expect(text.contains("21000101000000Z"))
    }
}
