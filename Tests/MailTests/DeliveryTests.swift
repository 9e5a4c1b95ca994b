import EventLoops
import Mail
import Primitives
import Testing

@Suite("SMTP")
struct DeliveryTests {
    private static let credentials = SMTPCredentials(user: "ada", password: Secret("s3cret ü"))

    @Test("a message is handed over with STARTTLS and AUTH PLAIN, and EHLO is said again once encrypted")
    func startTLS() async throws {
        let certificate = try TestCertificate()
        let server = try Server.behaving(["STARTTLS", "8BITMIME", "AUTH LOGIN PLAIN"], tls: certificate.server)
        defer { server.stop() }
        try await deliver(
            SMTPSettings(.startTLS, host: "localhost", port: server.port, credentials: Self.credentials),
            trusting: certificate.path)
        let expected = [
            "EHLO acme.example.org", "STARTTLS", "EHLO acme.example.org", "AUTH PLAIN AGFkYQBzM2NyZXQgw7w=",
            "MAIL FROM:<orgd@acme.example.org>", "RCPT TO:<ada@example.org>", "DATA",
        ]
        #expect(Array(server.lines.prefix(7)) == expected)
        #expect(server.lines.dropFirst(7).joined(separator: "\r\n").hasPrefix(try sample().text + "."))
    }

    @Test("a message is handed over with TLS from the start and AUTH LOGIN", arguments: ["localhost", "127.0.0.1"])
    func implicitTLS(_ host: String) async throws {
        let certificate = try TestCertificate()
        let server = try Server.behaving(["AUTH=LOGIN"], tls: certificate.server, implicit: true)
        defer { server.stop() }
        try await deliver(
            SMTPSettings(.implicit, host: host, port: server.port, credentials: Self.credentials),
            trusting: certificate.path)
        #expect(server.lines.contains("AUTH LOGIN"))
        #expect(server.lines.contains("YWRh") && server.lines.contains("czNjcmV0IMO8"))
        #expect(server.lines.contains("RCPT TO:<ada@example.org>"))
    }

    @Test("without encryption a message is handed over where that was asked for, or on this machine")
    func plain() async throws {
        for encryption in [SMTPSettings.Encryption.none, .startTLS] {
            let server = try Server.behaving()
            defer { server.stop() }
            try await deliver(SMTPSettings(encryption, host: "127.0.0.1", port: server.port))
            #expect(server.lines.contains("RCPT TO:<ada@example.org>"))
        }
    }

    @Test("a line that begins with a dot gets another, so that no text ends the message")
    func dotStuffing() async throws {
        let server = try Server.behaving()
        defer { server.stop() }
        let message = try sample(body: ".\nMAIL FROM:<eve@example.net>\n..\n.x\n")
        try await deliver(SMTPSettings(.none, host: "127.0.0.1", port: server.port), message: message)
        let body = try #require(server.lines.split(separator: "").last)
        #expect(body.prefix(5) == ["..", "MAIL FROM:<eve@example.net>", "...", "..x", "."])
        #expect(server.lines.count { $0.hasPrefix("RCPT") } == 1)
    }

    @Test("addresses beyond ASCII need a server that takes them")
    func international() async throws {
        let message = try sample(to: "jürgen@bücher.example")
        let able = try Server.behaving(["SMTPUTF8", "8BITMIME"])
        defer { able.stop() }
        try await deliver(SMTPSettings(.none, host: "127.0.0.1", port: able.port), message: message)
        #expect(able.lines.contains("MAIL FROM:<orgd@acme.example.org> BODY=8BITMIME SMTPUTF8"))
        let unable = try Server.behaving()
        defer { unable.stop() }
        await #expect(throws: MailError.self) {
            try await deliver(SMTPSettings(.none, host: "127.0.0.1", port: unable.port), message: message)
        }
        #expect(!unable.lines.contains { $0.hasPrefix("MAIL") })
    }

    // MARK: Encryption

    enum Fault: CaseIterable { case untrusted, otherName, otherAddress, expired }

    @Test("a wrong certificate is refused, and nothing is said to it", arguments: Fault.allCases, [true, false])
    func wrongCertificate(_ fault: Fault, _ isImplicit: Bool) async throws {
        let certificate =
            switch fault {
            case .untrusted: try TestCertificate()
            case .otherName: try TestCertificate(dnsNames: ["mail.example.org"], addresses: [])
            case .otherAddress: try TestCertificate(dnsNames: [], addresses: ["127.0.0.2"])
            case .expired: try TestCertificate(validFor: -60)
            }
        let trusted = fault == .untrusted ? try TestCertificate() : certificate
        let server = try Server.behaving(["STARTTLS"], tls: certificate.server, implicit: isImplicit)
        defer { server.stop() }
        let host = fault == .otherAddress ? "127.0.0.1" : "localhost"
        let error = await #expect(throws: MailError.self) {
            try await deliver(
                SMTPSettings(isImplicit ? .implicit : .startTLS, host: host, port: server.port), trusting: trusted.path)
        }
        let isTLS = if case .tls? = error { true } else { false }
        #expect(isTLS, "\(String(describing: error))")
        #expect(server.lines == (isImplicit ? [] : ["EHLO acme.example.org", "STARTTLS"]))
    }

    @Test("a server that offers no STARTTLS is refused", arguments: [[], ["8BITMIME", "XSTARTTLS", "X STARTTLS"]])
    func noStartTLS(_ extensions: [String]) async throws {
        let server = try Server.behaving(extensions)
        defer { server.stop() }
        await #expect(throws: MailError.encryptionUnavailable) {
            try await deliver(
                SMTPSettings(.startTLS, host: "127.0.0.1", port: server.port), exemptsLoopback: false)
        }
        #expect(server.lines == ["EHLO acme.example.org"])
    }

    @Test("without STARTTLS a password is not sent, not even on this machine")
    func passwordNeedsEncryption() async throws {
        let server = try Server.behaving(["AUTH PLAIN"])
        defer { server.stop() }
        await #expect(throws: MailError.encryptionUnavailable) {
            try await deliver(
                SMTPSettings(.startTLS, host: "127.0.0.1", port: server.port, credentials: Self.credentials))
        }
        #expect(server.lines == ["EHLO acme.example.org"])
    }

    @Test("a refusal of STARTTLS ends the conversation", arguments: ["454 not now", "502 what", "500 no"])
    func refusedStartTLS(_ reply: String) async throws {
        let server = try Server.behaving(["STARTTLS"], replies: ["STARTTLS": reply])
        defer { server.stop() }
        await #expect(throws: MailError.encryptionUnavailable) {
            try await deliver(SMTPSettings(.startTLS, host: "localhost", port: server.port))
        }
        #expect(server.lines == ["EHLO acme.example.org", "STARTTLS"])
    }

    @Test("bytes behind the reply to STARTTLS are a trick, and end the conversation")
    func injection() async throws {
        let certificate = try TestCertificate()
        let server = try Server { peer in
            peer.say("220 ready")
            _ = peer.hear()
            peer.say("250-mail.example.org\r\n250 STARTTLS")
            _ = peer.hear()
            peer.say("220 go ahead\r\n250-mail.example.org\r\n250 AUTH LOGIN")
            _ = peer.encrypt(certificate.server)
            _ = peer.hear()
        }
        defer { server.stop() }
        await #expect(throws: MailError.malformed("bytes follow the reply to STARTTLS")) {
            try await deliver(
                SMTPSettings(.startTLS, host: "localhost", port: server.port, credentials: Self.credentials),
                trusting: certificate.path)
        }
        #expect(server.lines == ["EHLO acme.example.org", "STARTTLS"])
    }

    @Test("what was announced before the encryption does not count after it")
    func forgottenExtensions() async throws {
        let certificate = try TestCertificate()
        let server = try Server { peer in
            peer.say("220 ready")
            _ = peer.hear()
            peer.say("250-mail.example.org\r\n250-STARTTLS\r\n250 AUTH PLAIN")
            _ = peer.hear()
            peer.say("220 go ahead")
            guard peer.encrypt(certificate.server) else { return }
            _ = peer.hear()
            peer.say("250-mail.example.org\r\n250 AUTH CRAM-MD5")
            _ = peer.hear()
        }
        defer { server.stop() }
        await #expect(throws: MailError.authenticationUnavailable) {
            try await deliver(
                SMTPSettings(.startTLS, host: "localhost", port: server.port, credentials: Self.credentials),
                trusting: certificate.path)
        }
    }

    // MARK: Replies

    @Test(
        "a refusal names its code and its step",
        arguments: [
            ("greeting", "554 go away", 554, "the connection"), ("EHLO", "502 what", 502, "EHLO"),
            ("MAIL", "451 later", 451, "MAIL"), ("RCPT", "550-no such\r\n550 person", 550, "RCPT"),
            ("DATA", "250 odd", 250, "DATA"), (".", "552 too large", 552, "the message"),
            ("RCPT", "354 odd", 354, "RCPT"),
        ])
    func refusals(_ command: String, _ reply: String, _ code: Int, _ step: String) async throws {
        let server = try Server.behaving(replies: [command: reply])
        defer { server.stop() }
        let error = MailError.refused(code: code, step: step)
        await #expect(throws: error) {
            try await deliver(SMTPSettings(.none, host: "127.0.0.1", port: server.port))
        }
        #expect(error.isTransient == (code == 451))
    }

    @Test("a refused password is an error that does not contain it")
    func refusedPassword() async throws {
        let certificate = try TestCertificate()
        let server = try Server.behaving(
            ["AUTH PLAIN"], tls: certificate.server, implicit: true, replies: ["AUTH": "535 wrong"])
        defer { server.stop() }
        await #expect(throws: MailError.refused(code: 535, step: "AUTH PLAIN")) {
            try await deliver(
                SMTPSettings(.implicit, host: "localhost", port: server.port, credentials: Self.credentials),
                trusting: certificate.path)
        }
        #expect(!server.lines.contains { $0.hasPrefix("MAIL") })
    }

    @Test(
        "what is no reply ends the conversation",
        arguments: [
            "hello", "22", "2x0 ready", "999 ready", "100 ready", "220_ready", "220-one\r\n221 two", "220 a\0b", "",
            "HTTP/1.1 400 Bad Request", "220 " + String(repeating: "x", count: 3000),
            String(repeating: "220-more\r\n", count: 200) + "220 end",
        ])
    func malformedReplies(_ greeting: String) async throws {
        let server = try Server { peer in
            peer.say(greeting)
            peer.waitForEnd()
        }
        defer { server.stop() }
        let error = await #expect(throws: MailError.self) {
            try await deliver(SMTPSettings(.none, host: "127.0.0.1", port: server.port))
        }
        let isMalformed = if case .malformed? = error { true } else { false }
        #expect(isMalformed, "\(String(describing: error))")
    }

    @Test("a line without an end is not collected for ever")
    func endlessLine() async throws {
        let server = try Server { peer in
            peer.write(Array("220 ".utf8) + [UInt8](repeating: 0x78, count: 100_000))
            peer.waitForEnd()
        }
        defer { server.stop() }
        await #expect(throws: MailError.malformed("a line is too long")) {
            try await deliver(SMTPSettings(.none, host: "127.0.0.1", port: server.port))
        }
    }

    @Test("replies of several lines are read to their end, also byte by byte and without carriage returns")
    func multiLineReplies() async throws {
        let server = try Server { peer in
            for byte in Array("220-mail.example.org\r\n220-\r\n220\r\n".utf8) { peer.write([byte]) }
            _ = peer.hear()
            peer.write(Array("250-mail.example.org\n250-SIZE 1000\n250 HELP\n".utf8))
            _ = peer.hear()
            peer.behave([], tls: nil, replies: ["greeting": "250 sender fine"])
        }
        defer { server.stop() }
        try await deliver(SMTPSettings(.none, host: "127.0.0.1", port: server.port))
        #expect(server.lines.contains("RCPT TO:<ada@example.org>"))
    }

    // MARK: Time

    @Test("a silent server and one that drips both meet the one deadline", arguments: [true, false])
    func deadline(_ drips: Bool) async throws {
        let server = try Server { peer in
            if drips {
                // Each line is well within any limit for a single read, and there would be more than a reply may have.
                for _ in 0..<1000 where peer.isConnected(afterMilliseconds: 20) { peer.say("220-wait") }
            } else {
                peer.waitForEnd()
            }
        }
        defer { server.stop() }
        let error = await #expect(throws: MailError.self) {
            try await deliver(
                SMTPSettings(.none, host: "127.0.0.1", port: server.port), deadline: .milliseconds(300))
        }
        #expect(error == .timedOut)
    }

    @Test("a server that is gone, that hangs up or has no name is an error at once")
    func unreachable() async throws {
        let gone = try Server { _ in }
        gone.stop()
        await #expect(throws: MailError.connectionFailed("connection refused")) {
            try await deliver(SMTPSettings(.none, host: "127.0.0.1", port: gone.port))
        }
        let rude = try Server { peer in peer.say("220 ready") }
        defer { rude.stop() }
        let error = await #expect(throws: MailError.self) {
            try await deliver(SMTPSettings(.none, host: "127.0.0.1", port: rude.port))
        }
        let isFailed = if case .connectionFailed? = error { true } else { false }
        #expect(isFailed, "\(String(describing: error))")
        let nameless = await #expect(throws: MailError.self) {
            try await deliver(SMTPSettings(.none, host: "mail.invalid", port: 25))
        }
        let isUnresolved = if case .unresolved? = nameless { true } else { false }
        #expect(isUnresolved, "\(String(describing: nameless))")
    }

    @Test("an authority file that cannot be read is an error when the sink is made")
    func badAuthority() async throws {
        await #expect(throws: MailError.self) {
            try await deliver(SMTPSettings(.implicit, host: "localhost", port: 1), trusting: "/nonexistent.pem")
        }
    }
}
