package import Primitives

/// A plain text message to one person.
///
/// Everything that becomes a header is checked when the message is made, so a message that exists can be sent: no text from
/// outside can begin another header or another message.
package struct MailMessage: Sendable {
    package let from: MailAddress
    package let to: MailAddress
    package let subject: String
    /// Lines end with any of CR, LF and CRLF.
    package let body: String
    package let date: Timestamp
    /// Without angle brackets. Its right side is the domain of the sender, so that it is unique in the world (RFC 5322 §3.6.4).
    package let id: String

    /// - Throws: ``MailError/invalidMessage(_:)`` for a subject with control characters or of more than 900 bytes.
    package init(
        from: MailAddress, to: MailAddress, subject: String, body: String, date: Timestamp, id: String
    ) throws(MailError) {
        guard subject.utf8.count <= 900 else { throw .invalidMessage("the subject is too long") }
        guard subject.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control && !$0.isLineSeparator })
        else {
            throw .invalidMessage("the subject contains a line break or another control character")
        }
        let isAtom = { (byte: UInt8) in byte > 0x20 && byte < 0x7F && !"<>()[]:;@\\,\"".utf8.contains(byte) }
        guard !id.isEmpty, id.utf8.count <= 128, id.utf8.allSatisfy(isAtom) else {
            throw .invalidMessage("the message id contains more than letters and digits")
        }
        self.from = from
        self.to = to
        self.subject = subject
        self.body = body
        self.date = date
        self.id = id + "@" + from.domain
    }
}

/// An address that can be written into an envelope and a header as it is.
///
/// The local part is a dot-atom (RFC 5322 §3.2.3), also with non-ASCII letters (RFC 6531 §3.3); quoted local parts and
/// comments are refused, the domain is a host name or an address in brackets.
package struct MailAddress: Hashable, Sendable, CustomStringConvertible {
    package let local: String
    package let domain: String

    package init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 254, let at = text.lastIndex(of: "@") else { return nil }
        let (local, domain) = (text[..<at], text[text.index(after: at)...])
        guard !local.isEmpty, local.utf8.count <= 64, !domain.isEmpty, Self.isDotAtom(local),
            Self.isLiteral(domain) || Self.isHostName(domain)
        else { return nil }
        self.local = String(local)
        self.domain = String(domain)
    }

    package var description: String { "\(local)@\(domain)" }

    /// Whether a server must have announced `SMTPUTF8` for it.
    var isInternational: Bool { !description.utf8.allSatisfy { $0 < 0x80 } }

    private static func isDotAtom(_ text: some StringProtocol) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.allSatisfy { part in
            !part.isEmpty
                && part.unicodeScalars.allSatisfy { scalar in
                    scalar.isASCII
                        ? scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                            || "!#$%&'*+-/=?^_`{|}~".unicodeScalars.contains(scalar)
                        : scalar.isPartOfInternationalName
                }
        }
    }

    private static func isHostName(_ text: some StringProtocol) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.first != "-" && label.last != "-"
                && label.unicodeScalars.allSatisfy { scalar in
                    scalar.isASCII
                        ? scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "-"
                        : scalar.isPartOfInternationalName
                }
        }
    }

    private static func isLiteral(_ text: some StringProtocol) -> Bool {
        guard text.first == "[", text.last == "]" else { return false }
        let inner = text.dropFirst().dropLast()
        return IPAddress(inner.hasPrefix("IPv6:") ? inner.dropFirst(5) : inner) != nil
    }
}

extension Unicode.Scalar {
    fileprivate var isLineSeparator: Bool { self == "\u{2028}" || self == "\u{2029}" }

    /// Letters, marks and digits: nothing invisible and nothing that turns the direction of text.
    fileprivate var isPartOfInternationalName: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .decimalNumber:
            true
        default: false
        }
    }
}
