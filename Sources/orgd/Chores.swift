import API
import ControlPlane
import EventLoops
import Store
import Telemetry

/// Runs the chores of the control plane once a minute, and finds out when a database that could not be written can be again.
final class Chores: Sendable {
    private let task: Task<Void, Never>

    init(_ plane: Plane, _ readiness: DatabaseReadiness, _ logger: Logger, _ loop: EventLoop) {
        task = Task.detached(executorPreference: loop) {
            var round = 0
            while await Self.pause(loop) {
                if readiness.state != .ready, await plane.canWrite() { readiness.state = .ready }
                round += 1
                if round % 30 == 0 { await Self.run(plane, logger) }
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

    private static func run(_ plane: Plane, _ logger: Logger) async {
        do throws(Failure) {
            let report = try await plane.doChores()
            guard !report.isEmpty else { return }
            logger.info(
                "chores", .int("audit_rows_removed", report.auditRowsRemoved),
                .int("answers_forgotten", report.answersForgotten),
                .int("policy_tests_forgotten", report.policyTestsForgotten),
                .int("teams_released", report.teamsReleased),
                .int("keys_rotated", report.keysRotated), .int("logins_removed", report.loginsRemoved))
        } catch { logger.warning("chores_failed", .string("cause", "\(error)")) }
    }
}
