import Crypto
import Primitives

/// The client's side of one SMTP conversation (RFC 5321), over whatever carries bytes.
struct SMTPSession {
    private let transport: SMTPTransport
    private let settings: SMTPSettings
    private let needsEncryption: Bool
    private var replies = SMTPReplyParser()
    private var extensions = SMTPExtensions(SMTPReply(code: 250, lines: []))

    /// - Parameter needsEncryption: whether a server without STARTTLS is refused, when the settings ask for it.
    init(_ transport: SMTPTransport, _ settings: SMTPSettings, needsEncryption: Bool) {
        self.transport = transport
        self.settings = settings
        self.needsEncryption = needsEncryption
    }

    /// Hands one message over.
    ///
    /// - Parameter name: what to call ourselves in EHLO: a host name, or an address in brackets.
    mutating func deliver(_ message: MailMessage, _ tls: TLSClientContext, as name: String) async throws(MailError) {
        if settings.encryption == .implicit { try await transport.encrypt(tls, host: settings.host) }
        try await expect("the connection") { $0.code == 220 }
        try await greet(name)
        if settings.encryption == .startTLS { try await startTLS(tls, as: name) }
        if let credentials = settings.credentials { try await authenticate(credentials) }
        try await transmit(message)
        // The message is taken; how the conversation ends changes nothing.
        try? await transport.write(Array("QUIT\r\n".utf8))
    }

    // MARK: Steps

    private mutating func greet(_ name: String) async throws(MailError) {
        extensions = SMTPExtensions(try await command("EHLO \(name)", "EHLO") { $0.code == 250 })
    }

    /// Encrypts (RFC 3207), and forgets all that was said before.
    private mutating func startTLS(_ tls: TLSClientContext, as name: String) async throws(MailError) {
        guard extensions.startTLS else {
            // Nobody can listen on this machine's own interface.
            guard !needsEncryption else { throw .encryptionUnavailable }
            return
        }
        do throws(MailError) {
            try await command("STARTTLS", "STARTTLS") { $0.code == 220 }
        } catch {
            if case .refused = error { throw .encryptionUnavailable }
            throw error
        }
        // What arrived behind the reply was not encrypted, yet would be read as if it had been: somebody in between may
        // have put it there.
        guard replies.buffer.isEmpty else { throw .malformed("bytes follow the reply to STARTTLS") }
        try await transport.encrypt(tls, host: settings.host)
        try await greet(name)
    }

    private mutating func authenticate(_ credentials: SMTPCredentials) async throws(MailError) {
        guard transport.isEncrypted else { throw .encryptionUnavailable }
        let (user, password) = (credentials.user, credentials.password.exposed())
        if extensions.mechanisms.contains("PLAIN") {
            let response = Base64.encode(Array("\0\(user)\0\(password)".utf8))
            try await command("AUTH PLAIN \(response)", "AUTH PLAIN") { $0.code == 235 }
        } else if extensions.mechanisms.contains("LOGIN") {
            try await command("AUTH LOGIN", "AUTH LOGIN") { $0.code == 334 }
            try await command(Base64.encode(Array(user.utf8)), "AUTH LOGIN") { $0.code == 334 }
            try await command(Base64.encode(Array(password.utf8)), "AUTH LOGIN") { $0.code == 235 }
        } else {
            throw .authenticationUnavailable
        }
    }

    private mutating func transmit(_ message: MailMessage) async throws(MailError) {
        let isInternational = message.from.isInternational || message.to.isInternational
        guard !isInternational || extensions.international else {
            throw .invalidMessage("the server takes no addresses beyond ASCII")
        }
        // Without such an address all of the message is ASCII.
        let parameters = isInternational ? " BODY=8BITMIME SMTPUTF8" : ""
        try await command("MAIL FROM:<\(message.from)>\(parameters)", "MAIL") { $0.isPositive }
        try await command("RCPT TO:<\(message.to)>", "RCPT") { $0.isPositive }
        try await command("DATA", "DATA") { $0.code == 354 }
        try await transport.write(Self.stuffed(message.bytes))
        try await expect("the message") { $0.isPositive }
    }

    /// The message with its end, and with another dot before every line that begins with one (RFC 5321 §4.5.2).
    static func stuffed(_ message: [UInt8]) -> [UInt8] {
        let dot = UInt8(ascii: ".")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(message.count + 64)
        var isLineStart = true
        for byte in message {
            if isLineStart, byte == dot { bytes.append(dot) }
            bytes.append(byte)
            isLineStart = byte == 0x0A
        }
        return bytes + ".\r\n".utf8
    }

    // MARK: Commands and replies

    /// Says a line and reads the reply to it. `step` is what errors call it: a command may hold a password.
    @discardableResult
    private mutating func command(
        _ line: String, _ step: String, _ accepts: (SMTPReply) -> Bool
    ) async throws(MailError) -> SMTPReply {
        // Everything in commands was checked when it was made; this is what would break if that were wrong.
        precondition(!line.utf8.contains { $0 == 0x0D || $0 == 0x0A || $0 == 0 }, "a command is one line")
        try await transport.write(Array("\(line)\r\n".utf8))
        return try await expect(step, accepts)
    }

    @discardableResult
    private mutating func expect(
        _ step: String, _ accepts: (SMTPReply) -> Bool
    ) async throws(MailError) -> SMTPReply {
        while true {
            if let reply = try replies.next() {
                guard accepts(reply) else { throw .refused(code: reply.code, step: step) }
                return reply
            }
            let bytes = try await transport.read()
            guard !bytes.isEmpty else { throw .connectionFailed("the server ended the connection") }
            replies.append(bytes)
        }
    }
}
