import API
import ControlPlane
import EventLoops
import Store
import Telemetry

/// Runs the chores of the control plane once a minute, and finds out when a database that could not be written can be again.
final class Chores: Sendable {
    private let task: Task<Void, Never>

    /// - Parameter registry: gets the number of live sessions, as of the last round.
    init(
        _ plane: Plane, _ readiness: DatabaseReadiness, _ logger: Logger, _ registry: MetricsRegistry, _ loop: EventLoop
    ) {
        let sessions = registry.gauge("orgd_sessions", help: "Sessions of people that have not expired.").only
        task = Task.detached(executorPreference: loop) {
            var round = 0
            while await Self.pause(loop) {
                if readiness.state != .ready, await plane.canWrite() { readiness.state = .ready }
                round += 1
                if round % 30 == 0 { await Self.run(plane, logger, sessions) }
            }
        }
    }

    /// Ends after the chore under way.
    func stop() async {
        task.cancel()
        await task.value
    }

    /// Two seconds; `false` when it is time to stop.
    private static func pause(_ loop: EventLoop) async -> Bool {
        do throws(CancellationError) {
            try await loop.sleep(for: .seconds(2))
            return true
        } catch { return false }
    }

    private static func run(_ plane: Plane, _ logger: Logger, _ sessions: Gauge) async {
        do throws(Failure) {
            let report = try await plane.doChores()
            sessions.set(Int64(report.liveSessions))
            guard !report.isEmpty else { return }
            logger.info(
                "chores", .int("audit_rows_removed", report.auditRowsRemoved),
                .int("answers_forgotten", report.answersForgotten),
                .int("policy_tests_forgotten", report.policyTestsForgotten),
                .int("teams_released", report.teamsReleased), .int("login_rows_removed", report.loginRowsRemoved),
                .int("expired_rows_forgotten", report.expiredRowsForgotten), .int("keys_listed", report.keysListed),
                .int("service_tokens_retired", report.serviceTokensRetired))
        } catch { logger.warning("chores_failed", .string("cause", "\(error)")) }
    }
}
