import CommandLine
import EventLoops
import HTTP
import Mail
import Primitives
import Telemetry

/// The settings of `orgd serve`: one table that yields parsing, `--help` and the page in docs (contract 00).
enum Settings {
    static let database = Option.value(
        "database", placeholder: "FILE", environment: "ORGD_DATABASE", default: "./data/orgd.sqlite",
        help: "SQLite file, created with mode 0600", rule: .nonEmpty, completion: .file)
    static let secretKeyFile = Option.value(
        "secret-key-file", placeholder: "FILE", environment: "ORGD_SECRET_KEY_FILE",
        defaultText: "secret.key beside the database",
        help: "32 random bytes (created with mode 0600) that encrypt secrets at rest", completion: .file)
    static let logFormat = Option.value(
        "log-format", placeholder: "FORMAT", environment: "ORGD_LOG_FORMAT",
        defaultText: "text on a terminal, else json",
        help: "one line an event on stderr", rule: .oneOf(LogFormat.allCases.map(\.rawValue)))
    static let logLevel = Option.value(
        "log-level", placeholder: "LEVEL", environment: "ORGD_LOG_LEVEL", default: "info",
        help: "the least that is logged",
        rule: .oneOf(LogLevel.allCases.map(\.rawValue)))

    static let serve: [Option] = [
        .value(
            "listen", placeholder: "ADDRESS", environment: "ORGD_LISTEN", default: "127.0.0.1:8787",
            help: "address and port; [::1]:8787 works, port 0 picks a free one", rule: address),
        database,
        .value(
            "public-url", placeholder: "URL", environment: "ORGD_PUBLIC_URL", defaultText: "http://localhost:<port>",
            help: "where users reach the server; absolute URLs are built from it", rule: origin),
        .value(
            "access-domain", placeholder: "DOMAIN", environment: "ORGD_ACCESS_DOMAIN", default: "access.localhost",
            help: "suffix of team domains: team acme is acme.access.localhost", rule: domain),
        .value(
            "tls-cert", placeholder: "FILE", environment: "ORGD_TLS_CERT",
            help: "PEM certificate chain; with --tls-key the listener speaks TLS 1.2 and later", completion: .file),
        .value(
            "tls-key", placeholder: "FILE", environment: "ORGD_TLS_KEY", help: "PEM private key", completion: .file),
        .value(
            "trusted-proxies", placeholder: "CIDRS", environment: "ORGD_TRUSTED_PROXIES",
            default: "127.0.0.1/32,::1/128",
            help: "networks whose X-Forwarded-* fields are believed", rule: cidrs),
        .value(
            "bootstrap-token", placeholder: "TOKEN", environment: "ORGD_BOOTSTRAP_TOKEN", defaultText: "generated",
            help:
                "first administrator API token of an empty database; a generated one is printed once and written to bootstrap-token beside the database",
            rule: token, isSecret: true),
        secretKeyFile,
        .value(
            "max-accounts", placeholder: "N", environment: "ORGD_MAX_ACCOUNTS", default: "10000",
            help: "accounts that an organization tree may hold", rule: .integer(1...10_000_000)),
        .value(
            "rate-limit", placeholder: "N", environment: "ORGD_RATE_LIMIT", default: "0",
            help: "requests a second and credential; 0 switches it off", rule: .integer(0...1_000_000)),
        .value(
            "auth-failure-limit", placeholder: "N", environment: "ORGD_AUTH_FAILURE_LIMIT", default: "100",
            help: "failed authentications a minute and address before it is blocked for a minute; 0 switches it off",
            rule: .integer(0...1_000_000)),
        .value(
            "threads", placeholder: "N", environment: "ORGD_THREADS", defaultText: "number of cores",
            help: "event loops",
            rule: .integer(1...256)),
        .value(
            "allowed-networks", placeholder: "CIDRS", environment: "ORGD_ALLOWED_NETWORKS", default: "",
            help: "private networks that identity providers may live in", rule: cidrs),
        .value(
            "mail", placeholder: "URL", environment: "ORGD_MAIL",
            help:
                "where one-time PINs go: smtp://user:password@host:587 (STARTTLS), smtps://host:465, smtp+plain://host:25 or file:/folder; without it nobody signs in by PIN",
            rule: mail, isSecret: true),
        .value(
            "mail-from", placeholder: "ADDRESS", environment: "ORGD_MAIL_FROM", defaultText: "orgd@<public host>",
            help: "sender of mails", rule: mailAddress),
        logFormat, logLevel,
    ]

    private static let address = ValueRule.check { text in
        SocketAddress(text) == nil ? "must be an address and a port, such as 127.0.0.1:8787 or [::1]:8787" : nil
    }
    private static let origin = ValueRule.check { text in
        let rest = text.hasPrefix("https://") ? text.dropFirst(8) : text.hasPrefix("http://") ? text.dropFirst(7) : ""
        return rest.isEmpty || rest.contains("/") || rest.contains("@")
            ? "must be http:// or https://, a host and maybe a port, without a path" : nil
    }
    private static let domain = ValueRule.check { text in
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let isValid = labels.allSatisfy { label in
            !label.isEmpty && label.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 45 }
        }
        return isValid ? nil : "must be a lowercase domain name"
    }
    private static let cidrs = ValueRule.check { text in
        text.split(separator: ",").allSatisfy { CIDR($0) != nil } ? nil : "must be a list of CIDRs separated by commas"
    }
    private static let mail = ValueRule.check { text in
        do throws(MailError) {
            _ = try MailSettings(text)
            return nil
        } catch {
            return "cannot be used: \(error.explanation)"
        }
    }
    private static let mailAddress = ValueRule.check { text in
        MailAddress(text) == nil ? "is not an address such as orgd@example.org" : nil
    }
    private static let token = ValueRule.check { text in
        text.utf8.count >= 32 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            ? nil : "must have at least 32 visible characters"
    }
}

/// The configuration of `orgd serve`, validated as a whole.
struct Configuration {
    let listen: SocketAddress
    let databasePath: String
    let publicURL: String?
    let accessDomain: String
    let tls: (certificate: String, key: String)?
    let trustedProxies: [CIDR]
    let bootstrapToken: String?
    let secretKeyPath: String
    let maxAccounts: Int
    let rateLimit: Int
    let authFailureLimit: Int
    let threads: Int
    let allowedNetworks: [CIDR]
    /// `nil` when no mail is sent.
    let mail: MailSettings?
    let mailFrom: MailAddress
    let logger: Logger

    /// - Throws: a sentence that names what does not fit together.
    init(_ values: ParsedValues) throws(ConfigurationError) {
        guard let listen = SocketAddress(values.string("listen")) else { throw .invalid("--listen is no address") }
        self.listen = listen
        databasePath = values.string("database")
        publicURL = values.stringIfGiven("public-url")
        accessDomain = values.string("access-domain")
        switch (values.stringIfGiven("tls-cert"), values.stringIfGiven("tls-key")) {
        case (.some(let certificate), .some(let key)): tls = (certificate, key)
        case (nil, nil): tls = nil
        default: throw .invalid("--tls-cert and --tls-key go together")
        }
        trustedProxies = Self.cidrs(values.string("trusted-proxies"))
        bootstrapToken = values.stringIfGiven("bootstrap-token")
        secretKeyPath = values.stringIfGiven("secret-key-file") ?? Files.beside(values.string("database"), "secret.key")
        maxAccounts = values.int("max-accounts")
        rateLimit = values.int("rate-limit")
        authFailureLimit = values.int("auth-failure-limit")
        threads = values.intIfGiven("threads") ?? Files.coreCount()
        allowedNetworks = Self.cidrs(values.string("allowed-networks"))
        mail = try Self.mail(values)
        mailFrom = try Self.mailFrom(values)
        logger = Self.logger(values)
    }

    private static func mail(_ values: ParsedValues) throws(ConfigurationError) -> MailSettings? {
        guard let text = values.stringIfGiven("mail") else { return nil }
        do throws(MailError) {
            return try MailSettings(text)
        } catch {
            throw .invalid("--mail cannot be used: \(error.explanation)")
        }
    }

    /// What was given, else `orgd` at the host of the public URL; an address stands in brackets there (RFC 5321 §4.1.3).
    private static func mailFrom(_ values: ParsedValues) throws(ConfigurationError) -> MailAddress {
        if let given = values.stringIfGiven("mail-from") {
            guard let address = MailAddress(given) else { throw .invalid("--mail-from is not an address") }
            return address
        }
        let url = WebAddress(values.stringIfGiven("public-url") ?? "http://localhost")
        let domain = url.map { url in
            url.ip.map { $0.family == .v4 ? "[\($0.text)]" : "[IPv6:\($0.text)]" } ?? url.host
        }
        guard let address = domain.flatMap({ MailAddress("orgd@\($0)") }) else {
            throw .invalid("--mail-from is needed, because the host of --public-url cannot stand in a mail address")
        }
        return address
    }

    static func logger(_ values: ParsedValues) -> Logger {
        let format = values.stringIfGiven("log-format").flatMap { LogFormat(rawValue: $0) }
        return Logger(
            level: LogLevel(rawValue: values.string("log-level")) ?? .info,
            format: format ?? (Files.isTerminal(2) ? .text : .json), sink: DescriptorLogSink())
    }

    private static func cidrs(_ text: String) -> [CIDR] { text.split(separator: ",").compactMap { CIDR($0) } }
}

enum ConfigurationError: Error {
    case invalid(String)
}
