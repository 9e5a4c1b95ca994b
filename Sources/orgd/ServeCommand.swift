import CommandLine
import Crypto
import EventLoops
import Glibc
import HTTPServer
import Primitives
import Store
import Telemetry

/// `orgd serve`: applies pending migrations, then answers until it is told to stop.
enum ServeCommand {
    static let command = Command(
        "serve", summary: "run the server",
        discussion: "Applies pending migrations first. SIGHUP reloads the certificate.",
        options: Settings.serve,
        examples: [.init("orgd serve --listen 127.0.0.1:8787", "serve on loopback, with everything in ./data")],
        run: run)

    static func blockSignals() { SignalWatcher.block() }

    @Sendable private static func run(_ values: ParsedValues) async -> ExitCode {
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration(values)
        } catch {
            guard case .invalid(let sentence) = error else { return .usage }
            return values.misuse(sentence)
        }
        do throws(StartFailure) {
            let running = try await Wiring.start(configuration)
            Files.say("orgd listening on \(running.origin)")
            await running.untilStopped()
            return .ok
        } catch {
            Files.complain(error.message)
            return error.status
        }
    }
}

/// Why the server did not start: a sentence and an exit status.
struct StartFailure: Error {
    let message: String
    let status: ExitCode

    init(_ message: String, _ status: ExitCode) {
        self.message = message
        self.status = status
    }
}
