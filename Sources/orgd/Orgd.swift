import CommandLine
import Glibc

/// The server and what an operator runs beside it. One file a subcommand; no logic worth a unit test.
@main
struct Orgd {
    static let version = "0.1.0"

    static func main() {
        // Every thread started from here on leaves these signals to the watcher. An `async` main would park this thread in
        // `sigsuspend` with no signal blocked, and SIGTERM would end the process before anything was drained.
        ServeCommand.blockSignals()
        let root = Command(
            "orgd", summary: "control plane for zero-trust access",
            discussion: "orgd holds organizations, accounts and one primary IdP bridged to all of them. `orgd serve` runs it.",
            subcommands: [
                ServeCommand.command, MigrateCommand.command, BackupCommand.command, CheckCommand.command,
                DevIdPCommand.command,
            ])
        Task.detached {
            exit(await Program(root, version: version).run().status)
        }
        while true { pause() }
    }
}
