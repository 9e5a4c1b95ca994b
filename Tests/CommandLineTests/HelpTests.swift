import CommandLine
import Testing

@Suite("Help")
struct HelpTests {
    @Test("a group lists its commands", arguments: [["--help"], ["-h"], ["help"], ["--help", "-o", "json"]])
    func group(_ words: [String]) async {
        let result = await Sample.run(words)
        #expect(result.status == 0)
        #expect(
            result.output == """
                Manage organizations from the command line

                Usage: orgctl [options] <command>

                Commands:
                  accounts    Accounts of an organization
                  completion  Print the completion script of a shell

                Options:
                  -o, --output <format>  How results are printed. [one of table, json, csv; default: table; env:
                                         ORGCTL_OUTPUT]

                Global options:
                  -h, --help     Show this help
                      --version  Show the version

                `orgctl <command> --help` explains a command.

                """)
    }

    @Test(
        "a leaf shows everything it takes, wrapped to 100 columns",
        arguments: [["accounts", "create", "--help"], ["help", "accounts", "create"]])
    func leaf(_ words: [String]) async {
        let result = await Sample.run(words, width: 200)
        #expect(result.status == 0)
        #expect(
            result.output == """
                Create an account

                Creates one account below an organization.

                The account exists as soon as the command ends; a second call with the same name fails.

                Usage: orgctl accounts create [options] <name>

                Arguments:
                  <name>  Name of the account.

                Options:
                  -t, --tag <value>...   A tag to attach. [repeatable; env: ORGCTL_TAGS]
                      --limit <n>        Seats. [default: 10]
                      --wait <duration>  How long to wait for the account.
                      --proxies <cidrs>  Networks. [comma-separated; default: 127.0.0.1/32, ::1/128]
                      --[no-]notify      Send a mail. [default: on; env: ORGCTL_NOTIFY]
                  -y, --yes              Do not ask.

                Global options:
                  -o, --output <format>  How results are printed. [one of table, json, csv; default: table; env:
                                         ORGCTL_OUTPUT]
                  -h, --help             Show this help

                Examples:
                  # An account with a tag
                  orgctl accounts create ops --tag eu

                """)
    }

    @Test("help stays within a narrow terminal")
    func narrow() async {
        let result = await Sample.run(["accounts", "create", "--help"], width: 60)
        #expect(result.output.split(separator: "\n").allSatisfy { $0.count <= 60 })
        #expect(result.output.contains("--wait"))
    }

    @Test("a group without a subcommand is misuse that shows the help")
    func incomplete() async {
        let result = await Sample.run(["accounts"])
        #expect(result.status == 64)
        #expect(result.output.isEmpty)
        #expect(result.error.hasPrefix("Accounts of an organization\n\nUsage: orgctl accounts [options] <command>\n"))
    }

    @Test("the version is one line")
    func version() async {
        let result = await Sample.run(["--version"])
        #expect(result.output == "orgctl 1.2.3\n")
        #expect(result.status == 0)
    }

    @Test("required options stand in the usage line and secrets show no default")
    func required() async {
        let result = await Sample.run(["accounts", "delete", "--help"])
        #expect(result.output.contains("Usage: orgctl accounts delete [options] --token <value> <account>...\n"))
        #expect(result.output.contains("API token. [required; env: ORGCTL_TOKEN]\n"))
    }

    @Test("the Markdown page has a section a command and a table of settings")
    func markdown() {
        let page = Sample.program.markdown
        #expect(page.hasPrefix("# `orgctl`\n\nManage organizations from the command line.\n"))
        #expect(page.contains("\n## `orgctl accounts`\n"))
        #expect(
            page.contains(
                """
                | flag | environment | default | meaning |
                |---|---|---|---|
                | `-t`, `--tag <value>...` | `ORGCTL_TAGS` |  | A tag to attach. |
                | `--limit <n>` |  | `10` | Seats. |
                | `--wait <duration>` |  |  | How long to wait for the account. |
                | `--proxies <cidrs>` |  | `127.0.0.1/32, ::1/128` | Networks. |
                | `--[no-]notify` | `ORGCTL_NOTIFY` | `on` | Send a mail. |
                | `-y`, `--yes` |  |  | Do not ask. |

                """))
        #expect(page.contains("| `--token <value>` | `ORGCTL_TOKEN` | required | API token. |\n"))
        #expect(page.contains("```sh\n# An account with a tag\norgctl accounts create ops --tag eu\n```\n"))
    }
}
