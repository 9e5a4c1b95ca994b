import Mail
import Primitives
import Testing

@Suite("Mail settings")
struct SettingsTests {
    struct Example: Sendable {
        let text: String
        let encryption: SMTPSettings.Encryption
        let host: String
        let port: UInt16
        var user: String?
        var password: String?
    }

    @Test(
        "a URL names server, port, encryption and credentials",
        arguments: [
            Example(text: "smtp://mail.example.org", encryption: .startTLS, host: "mail.example.org", port: 587),
            Example(text: "SMTP://Mail.Example.org:2525/", encryption: .startTLS, host: "mail.example.org", port: 2525),
            Example(text: "smtps://mail.example.org", encryption: .implicit, host: "mail.example.org", port: 465),
            Example(text: "smtp+plain://localhost", encryption: .none, host: "localhost", port: 25),
            Example(text: "smtp://[::1]:25", encryption: .startTLS, host: "::1", port: 25),
            Example(text: "smtp://192.0.2.1", encryption: .startTLS, host: "192.0.2.1", port: 587),
            Example(
                text: "smtps://ada%40example.org:p%40ss%3A%2F%C3%BC:x@mail.example.org", encryption: .implicit,
                host: "mail.example.org", port: 465, user: "ada@example.org", password: "p@ss:/ü:x"),
            Example(
                text: "smtp://a:b@c@mail.example.org", encryption: .startTLS, host: "mail.example.org", port: 587,
                user: "a",
                password: "b@c"),
        ])
    func servers(_ example: Example) throws {
        guard case .smtp(let settings) = try MailSettings(example.text) else {
            Issue.record("\(example.text) is no server")
            return
        }
        #expect(settings.encryption == example.encryption)
        #expect(settings.host == example.host)
        #expect(settings.port == example.port)
        #expect(settings.credentials?.user == example.user)
        #expect(settings.credentials?.password.exposed() == example.password)
    }

    @Test("a file URL names a folder", arguments: ["file:/var/spool/orgd-mail", "file:///var/spool/orgd-mail"])
    func folders(_ text: String) throws {
        guard case .folder(let path) = try MailSettings(text) else {
            Issue.record("\(text) is no folder")
            return
        }
        #expect(path == "/var/spool/orgd-mail")
    }

    @Test(
        "what is wrong is named, and a password is not repeated",
        arguments: [
            ("", "must begin with"), ("mail.example.org", "must begin with"),
            ("http://mail.example.org", "must begin with"),
            ("smtp:mail.example.org", "//"), ("smtp://", "host is missing"), ("smtp://:25", "host is missing"),
            ("smtp://a b", "host must be"), ("smtp://-%", "host must be"), ("smtp://x..y", "host must be"),
            ("smtp://host:0", "port"), ("smtp://host:65536", "port"), ("smtp://host:", "port"),
            ("smtp://host:2x", "port"),
            ("smtp://[::1", "host must be"), ("smtp://[x]", "brackets"), ("smtp://[127.0.0.1]", "brackets"),
            ("smtp://[::1]x", "port"), ("smtp://user@host", "needs a password"), ("smtp://:secret@host", "empty"),
            ("smtp://user:@host", "empty"), ("smtp://user:secret%zz@host", "%"), ("smtp://user:secret%@host", "%"),
            ("smtp://user:secret%00@host", "NUL"), ("smtp://user:secret/x@host", "%2F"),
            ("smtp://host/path", "nothing may follow"),
            ("smtp://host?x", "nothing may follow"), ("smtp+plain://user:secret@host", "unencrypted"),
            ("file:", "absolute"), ("file:mail", "absolute"), ("file://host/mail", "absolute"),
            ("file:/a\n", "control"),
        ])
    func wrong(_ text: String, _ part: String) throws {
        let error = try #require(throws: MailError.self) { try MailSettings(text) }
        guard case .invalidSettings(let sentence) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(sentence.contains(part))
        #expect(!"\(error)".contains("secret"))
    }
}
