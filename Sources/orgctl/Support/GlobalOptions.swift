import CommandLine

/// What every command understands: where to go, as whom, and how to print.
enum GlobalOptions {
    static let url = Option.value(
        "url", placeholder: "URL", environment: "ORGCTL_URL", defaultText: "the profile's",
        help: "The server, such as https://orgd.example.org")
    static let tokenFile = Option.value(
        "token-file", placeholder: "FILE", help: "Read the API token from a file, or from standard input with -",
        completion: .file)
    static let account = Option.value(
        "account", placeholder: "NAME|ID", environment: "ORGCTL_ACCOUNT", defaultText: "the profile's, or the only one",
        help: "The account to work in", completion: .command("orgctl account list --names"))
    static let organization = Option.value(
        "org", placeholder: "NAME|ID", environment: "ORGCTL_ORGANIZATION",
        defaultText: "the profile's, or the only one",
        help: "The organization to work in", completion: .command("orgctl org list --names"))
    static let profile = Option.value(
        "profile", placeholder: "NAME", environment: "ORGCTL_PROFILE", defaultText: "the current one",
        help: "The profile to use", completion: .command("orgctl profile list --names"))
    static let output = Option.value(
        "output", short: "o", placeholder: "FORMAT", environment: "ORGCTL_OUTPUT", default: "table",
        help: "How to print", rule: .oneOf(["table", "json", "csv"]))
    static let yes = Option.flag("yes", short: "y", help: "Answer every question with yes; for scripts")
    static let quiet = Option.flag("quiet", short: "q", help: "Print identifiers only, and no progress")
    static let caFile = Option.value(
        "ca-file", placeholder: "FILE", environment: "ORGCTL_CA_FILE",
        help: "Also trust the certificate authorities of a PEM file", completion: .file)
    static let plainHTTP = Option.flag(
        "allow-plain-http", environment: "ORGCTL_ALLOW_PLAIN_HTTP",
        help: "Send the token without TLS to another machine")

    static let all = [
        url, tokenFile, account, organization, profile, output, yes, quiet, caFile, plainHTTP,
    ]
}
