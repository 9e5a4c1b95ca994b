import Primitives

extension MailMessage {
    /// The message as it travels (RFC 5322, RFC 2045): CRLF after every line, every line within 78 characters but those of
    /// long addresses, and ASCII only unless an address is not.
    package var bytes: [UInt8] {
        var text = ""
        text += "From: <\(from)>\r\n"
        text += "To: <\(to)>\r\n"
        text += "Subject: \(EncodedWords.encode(subject))\r\n"
        text += "Date: \(date.httpDate.dropLast(3))+0000\r\n"
        text += "Message-ID: <\(id)>\r\n"
        text += "MIME-Version: 1.0\r\n"
        text += "Content-Type: text/plain; charset=utf-8\r\n"
        text += "Content-Transfer-Encoding: quoted-printable\r\n"
        // No answers from holiday programs (RFC 3834 §5).
        text += "Auto-Submitted: auto-generated\r\n"
        text += "\r\n"
        return Array(text.utf8) + QuotedPrintable.encode(body)
    }
}
