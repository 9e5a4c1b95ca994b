import ControlPlane
package import Telemetry

/// What forward-auth counts, for the process.
package final class GateMetrics: Sendable {
    private let decisions: CounterFamily
    private let faults: CounterFamily

    package init(_ registry: MetricsRegistry) {
        decisions = registry.counter(
            "orgd_forward_auth_total", help: "Answers to proxies, by what was decided.", labels: ["decision"])
        faults = registry.counter(
            "orgd_service_token_failures_total", help: "Service tokens that were no good, by reason.",
            labels: ["reason"])
    }

    func decided(_ decision: GateDecision) -> Counter { decisions.with([decision.rawValue]) }
    func failed(_ fault: ServiceTokenFault) -> Counter { faults.with([fault.rawValue]) }
}

/// What is counted of an answer.
enum GateDecision: String, CaseIterable {
    case allowed, open, preflight
    case loginNeeded = "login_needed"
    case denied
    case serviceTokenRefused = "service_token_refused"
    case unknownHost = "unknown_host"
    case malformed, undecided
    case untrusted
}

/// The counters of one loop, found once.
struct LoopGateMetrics {
    private let decisions: [GateDecision: Counter]
    private let faults: [ServiceTokenFault: Counter]
    /// The most frequent by far.
    let allowed: Counter

    init(_ metrics: GateMetrics) {
        decisions = Dictionary(uniqueKeysWithValues: GateDecision.allCases.map { ($0, metrics.decided($0)) })
        faults = Dictionary(uniqueKeysWithValues: ServiceTokenFault.allCases.map { ($0, metrics.failed($0)) })
        allowed = metrics.decided(.allowed)
    }

    func count(_ decision: GateDecision) { decisions[decision]?.increment() }
    func count(_ fault: ServiceTokenFault) { faults[fault]?.increment() }
}
