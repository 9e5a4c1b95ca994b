package import Primitives

/// Where messages go, read from one line of text:
/// `smtp://user:password@host:587` (STARTTLS), `smtps://host:465` (TLS from the start), `smtp+plain://host:25` (never
/// encrypted, for a relay of one's own) or `file:/folder`.
package enum MailSettings: Sendable {
    case smtp(SMTPSettings)
    /// A folder that gets one `.eml` file a message.
    case folder(String)
}

/// A submission server.
package struct SMTPSettings: Sendable {
    package enum Encryption: Hashable, Sendable {
        /// STARTTLS, which a server on a loopback address may leave out.
        case startTLS
        /// From the first byte (RFC 8314 §3.3).
        case implicit
        case none
    }

    package var encryption: Encryption
    /// A name, or an address without brackets.
    package var host: String
    package var port: UInt16
    package var credentials: SMTPCredentials?

    package init(_ encryption: Encryption, host: String, port: UInt16, credentials: SMTPCredentials? = nil) {
        self.encryption = encryption
        self.host = host
        self.port = port
        self.credentials = credentials
    }
}

package struct SMTPCredentials: Sendable {
    package let user: String
    package let password: Secret<String>

    package init(user: String, password: Secret<String>) {
        self.user = user
        self.password = password
    }
}

extension MailSettings {
    /// - Throws: ``MailError/invalidSettings(_:)`` with a sentence that names the part; it never repeats a password.
    package init(_ text: String) throws(MailError) {
        guard let colon = text.firstIndex(of: ":") else { throw .invalidSettings(Self.expectation) }
        let rest = text[text.index(after: colon)...]
        switch text[..<colon].lowercased() {
        case "smtp": self = .smtp(try Self.server(rest, .startTLS, port: 587))
        case "smtps": self = .smtp(try Self.server(rest, .implicit, port: 465))
        case "smtp+plain": self = .smtp(try Self.server(rest, .none, port: 25))
        case "file": self = .folder(try Self.path(rest))
        default: throw .invalidSettings(Self.expectation)
        }
    }

    private static let expectation =
        "it must begin with smtp://, smtps://, smtp+plain:// or file:, such as smtp://user:password@mail.example.org:587"

    private static func path(_ rest: Substring) throws(MailError) -> String {
        // file:///folder is the same folder (RFC 8089 §2).
        let path = rest.hasPrefix("///") ? rest.dropFirst(2) : rest
        guard path.hasPrefix("/"), !path.hasPrefix("//") else {
            throw .invalidSettings("the folder after file: must be an absolute path")
        }
        guard !path.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw .invalidSettings("the folder contains a control character")
        }
        return String(path)
    }

    private static func server(
        _ rest: Substring, _ encryption: SMTPSettings.Encryption, port: UInt16
    ) throws(MailError) -> SMTPSettings {
        guard rest.hasPrefix("//") else { throw .invalidSettings("the scheme must be followed by // and a host") }
        var authority = rest.dropFirst(2)
        if authority.last == "/" { authority.removeLast() }
        guard !authority.utf8.contains(where: { "/?#".utf8.contains($0) }) else {
            throw .invalidSettings(
                "nothing may follow host and port; write /, ? and # in a password as %2F, %3F and %23")
        }
        var credentials: SMTPCredentials?
        if let at = authority.lastIndex(of: "@") {
            credentials = try Self.credentials(authority[..<at])
            authority = authority[authority.index(after: at)...]
        }
        guard credentials == nil || encryption != .none else {
            throw .invalidSettings("smtp+plain would send the password unencrypted: use smtp:// or smtps://")
        }
        let (host, explicitPort) = try hostAndPort(authority)
        return SMTPSettings(encryption, host: host, port: explicitPort ?? port, credentials: credentials)
    }

    private static func credentials(_ text: Substring) throws(MailError) -> SMTPCredentials {
        guard let colon = text.firstIndex(of: ":") else {
            throw .invalidSettings("the user needs a password after a colon")
        }
        guard let user = decoded(text[..<colon]), let password = decoded(text[text.index(after: colon)...]) else {
            throw .invalidSettings("the user or the password contains a % that is not followed by two digits")
        }
        guard !user.isEmpty, !password.isEmpty else { throw .invalidSettings("the user or the password is empty") }
        // AUTH PLAIN separates the two with a NUL (RFC 4616 §2).
        guard !user.utf8.contains(0), !password.utf8.contains(0) else {
            throw .invalidSettings("the user or the password contains a NUL")
        }
        return SMTPCredentials(user: user, password: Secret(password))
    }

    private static func hostAndPort(_ text: Substring) throws(MailError) -> (String, UInt16?) {
        var host = text
        var port: UInt16?
        let end = text.hasPrefix("[") ? text.firstIndex(of: "]").map(text.index(after:)) : text.firstIndex(of: ":")
        if let end, end < text.endIndex {
            host = text[..<end]
            let digits = text[end...].dropFirst()
            guard text[end] == ":", digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(digits),
                number > 0
            else { throw .invalidSettings("the port must be a number from 1 to 65535") }
            port = number
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":"), IPAddress(host) != nil else {
                throw .invalidSettings("only an IPv6 address may stand in brackets")
            }
            return (String(host), port)
        }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            !label.isEmpty && label.utf8.count <= 63
                && label.utf8.allSatisfy { byte in
                    (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
                }
        }
        guard isName, host.utf8.count <= 253 else {
            throw .invalidSettings(host.isEmpty ? "the host is missing" : "the host must be a name or an address")
        }
        return (host.lowercased(), port)
    }

    /// Percent-decoding (RFC 3986 §2.1).
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let value = Hex.decode(String(decoding: rest.prefix(2), as: UTF8.self).lowercased()), value.count == 1
            else {
                return nil
            }
            bytes += value
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
