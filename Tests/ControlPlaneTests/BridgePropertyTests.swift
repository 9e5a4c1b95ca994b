import Glibc
import TestKit
import Testing

/// Random histories against a naive model (contract 30 §10). `ORGD_LONG=1` runs thirty times as many; `ORGD_SEED=n` runs one.
@Suite("The bridge keeps its promises")
struct BridgePropertyTests {
    private static let isLong = getenv("ORGD_LONG") != nil
    private static let batches: [Int] =
        if let seed = getenv("ORGD_SEED").flatMap({ Int(String(cString: $0)) }) { [seed] } else {
            Array(0..<(isLong ? 9000 : 300) / 10)
        }

    @Test("whatever is asked in whatever order", arguments: batches)
    func histories(batch: Int) async throws {
        let seeds = getenv("ORGD_SEED") != nil ? [batch] : Array(batch * 10..<batch * 10 + 10)
        for seed in seeds {
            let sequence = try await BridgeSequence(seed: UInt64(seed + 1))
            try await sequence.run(40)
            guard sequence.problems.isEmpty else {
                Issue.record(
                    """
                    seed \(seed) (ORGD_SEED=\(seed)):
                    \(sequence.problems.joined(separator: "\n"))
                    after
                    \(sequence.trace.joined(separator: "\n"))
                    """)
                return
            }
        }
    }
}
