import CommandLine

/// The whole tree.
enum RootCommand {
    static let version = "0.1.0"

    static let tree = Command(
        "orgctl", summary: "Organizations, accounts and their identity bridge, from the command line",
        discussion: """
            Names are accepted wherever identifiers are. Results go to standard output, everything else to standard \
            error. `orgctl exit-codes` explains what a command's status means.
            """,
        options: GlobalOptions.all,
        examples: [
            .init("orgctl login --url https://orgd.example.org", "Store a token in a profile"),
            .init("orgctl account import accounts.csv --org Acme", "Provision accounts"),
            .init("orgctl bridge status --org Acme", "See which accounts use the primary identity provider"),
            .init("orgctl export --org Acme > org.json", "Write the configuration of an organization to a file"),
        ],
        subcommands: [
            LoginCommands.login, LoginCommands.logout, LoginCommands.whoami, ProfileCommands.group,
            OrganizationCommands.group, AccountCommands.group, MemberCommands.group, RoleCommands.group,
            TokenCommands.group, ZeroTrustCommands.group, IdentityProviderCommands.group, BridgeCommands.group,
            PrimaryIdPCommands.group, ShareCommands.group, AppCommands.group, PolicyCommands.group, GroupCommands.group,
            TagCommands.group, PageCommands.group, ServiceTokenCommands.group, KeyCommands.group, UserCommands.group,
            SeatCommands.group, SessionCommands.group, AccessLogCommands.logs, AuditCommands.group,
            ValidateCommands.command, ConfigCommands.export, ConfigCommands.plan, ConfigCommands.apply,
            RequestCommands.command, AgentCommands.group, FetchCommand.command, AccessCommands.group,
            ExitCodeCommands.command,
        ])
}
