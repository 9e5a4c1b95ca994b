import Foundation
import Mail
import Primitives
import Testing

@Suite("Mail messages")
struct MessageTests {
    @Test("a message is text with CRLF, and says what it is")
    func plain() throws {
        let expected = [
            "From: <orgd@acme.example.org>", "To: <ada@example.org>", "Subject: Your code",
            "Date: Fri, 02 Jan 2026 00:00:00 +0000", "Message-ID: <0123456789abcdef@acme.example.org>",
            "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable", "Auto-Submitted: auto-generated", "",
            "Your code is 421907.", "",
        ]
        #expect(try sample().text == expected.joined(separator: "\r\n"))
    }

    @Test(
        "a subject with a line break or another control character is refused",
        arguments: [
            "a\r\nBcc: eve@example.net", "a\nb", "a\rb", "a\0b", "a\u{7F}", "a\u{85}b", "a\u{2028}b", "a\u{2029}b",
            "\t",
            String(repeating: "x", count: 901),
        ])
    func subjectInjection(_ subject: String) {
        #expect(throws: MailError.self) { try sample(subject: subject) }
    }

    @Test(
        "an address that is more than an address is refused",
        arguments: [
            "", "ada", "@example.org", "ada@", "ada@example.org\r\nBcc: eve@example.net", "ada@example.org>",
            "ada@example.org\n", "ada @example.org", "<ada@example.org>", "ada@example.org, eve@example.net",
            "a\"b@example.org", "\"a b\"@example.org", "ada(x)@example.org", ".ada@example.org", "ada.@example.org",
            "a..b@example.org", "ada@example..org", "ada@.org", "ada@-example.org", "ada@exam ple.org",
            "ada@exam_ple.org",
            "ada@[example.org]", "ada@[127.0.0.1", "a\u{202E}da@example.org", "a\u{200B}da@example.org",
            "a\0@example.org",
            "ada@eve@example.org", String(repeating: "a", count: 65) + "@example.org",
            "a@" + String(repeating: "a.", count: 130) + "org",
        ])
    func wrongAddresses(_ text: String) {
        #expect(MailAddress(text) == nil)
    }

    @Test(
        "usual addresses are taken as they are",
        arguments: [
            "ada@example.org", "Ada.Lovelace+mail@EXAMPLE.org", "o'brien@example.org", "a@localhost", "a@[127.0.0.1]",
            "a@[IPv6:::1]", "jürgen@bücher.example", "用户@例子.测试", "!#$%&'*+-/=?^_`{|}~@example.org",
        ])
    func addresses(_ text: String) {
        #expect(MailAddress(text)?.description == text)
    }

    @Test("a message id is letters, digits and a few signs", arguments: ["", "a b", "a>b", "a\r\nb", "a@b", "ä"])
    func messageID(_ id: String) throws {
        let person = try address("a@example.org")
        #expect(throws: MailError.self) {
            try MailMessage(
                from: person, to: person, subject: "x", body: "", date: Timestamp(seconds: 0), id: id)
        }
    }

    @Test(
        "subjects beyond ASCII, or that look encoded, are encoded in words on lines of at most 76 characters",
        arguments: [
            "Größe", "用户", "=?utf-8?Q?trick?=", " leading", "trailing ", String(repeating: "long ", count: 30) + "end",
            String(repeating: "👩‍👩‍👧 ", count: 20) + "end", String(repeating: "ä", count: 200),
        ])
    func encodedSubjects(_ subject: String) throws {
        let head = try #require(try sample(subject: subject).text.components(separatedBy: "\r\nDate:").first)
        #expect(head.components(separatedBy: "\r\n").allSatisfy { $0.utf8.count <= 76 })
        let lines = try #require(head.components(separatedBy: "Subject: ").last).components(separatedBy: "\r\n ")
        var decoded = ""
        for word in lines {
            #expect(word.utf8.allSatisfy { $0 < 0x80 })
            let match = try #require(word.wholeMatch(of: /=\?utf-8\?B\?([A-Za-z0-9+\/]+=*)\?=/))
            let bytes = try #require(Data(base64Encoded: String(match.1)))
            // Every word is whole characters (RFC 2047 §5).
            decoded += try #require(String(data: bytes, encoding: .utf8))
        }
        #expect(decoded == subject)
    }

    @Test(
        "a body is quoted-printable, and decodes to what it was",
        arguments: [
            "", "plain", "plain\n", "a\nb\n", "a\r\nb\r\n", "a\rb", "\n\n", "a=b", "trailing \nblanks\t\nand \t \n",
            "größer ✓ 日本",
            ".\n..\n.a", String(repeating: "x", count: 75), String(repeating: "x", count: 76),
            String(repeating: "x", count: 77), String(repeating: "x", count: 500), String(repeating: "=", count: 100),
            String(repeating: "x", count: 75) + " ", String(repeating: "ü ", count: 60), "nul\0", "From eve",
        ])
    func bodies(_ body: String) throws {
        let text = try sample(body: body).text
        let encoded = String(text[try #require(text.range(of: "\r\n\r\n")).upperBound...])
        for line in encoded.components(separatedBy: "\r\n") {
            #expect(line.utf8.count <= 76 && line.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F || $0 == 0x09 })
            #expect(line.last != " " && line.last != "\t")
        }
        let normal = body.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        let expected = normal.isEmpty || normal.hasSuffix("\n") ? normal : normal + "\n"
        #expect(Self.decoded(encoded) == expected)
    }

    /// The decoder of RFC 2045 §6.7, line by line.
    private static func decoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.replacing("=\r\n", with: "").replacing("\r\n", with: "\n").utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "=") else {
                bytes.append(byte)
                continue
            }
            bytes += Hex.decode(String(decoding: rest.prefix(2), as: UTF8.self).lowercased()) ?? []
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
