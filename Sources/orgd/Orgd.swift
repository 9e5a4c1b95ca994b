import CommandLine
import Glibc

/// The server and what an operator runs beside it. One file a subcommand; no logic worth a unit test.
@main
struct Orgd {
    static let version = "0.1.0"

    /// Not `async`: the concurrency runtime would have started threads by then, which would receive the signals that the
    /// watcher waits for.
    static func main() {
        ServeCommand.blockSignals()
        Task.detached {
            let status = await Program(root, version: version).run()
            exit(status.status)
        }
        while true { pause() }
    }

    private static let root = Command(
        "orgd", summary: "control plane for zero-trust access",
        discussion:
            "orgd holds organizations, accounts and one primary IdP bridged to all of them. `orgd serve` runs it.",
        subcommands: [
            ServeCommand.command, MigrateCommand.command, BackupCommand.command, CheckCommand.command,
            DevIdPCommand.command,
        ])
}
