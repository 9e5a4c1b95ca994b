import Crypto
import Domain
import Primitives
import Store

/// What one loop remembers of credentials that were good, until anything changes.
struct GateMemory {
    /// A person's or a machine's token of an application, with all that its next use depends on.
    final class Pass {
        let digest: Digest32
        let token: ApplicationToken
        let identity: Identity?
        /// Lowercase; empty for machines.
        let email: String
        /// Asked for when a rule needs it.
        var memberships: Set<AccountID>?
        /// The answer that does not depend on the request.
        var settled: GateVerdict?

        init(digest: Digest32, token: ApplicationToken, identity: Identity?, email: String) {
            self.digest = digest
            self.token = token
            self.identity = identity
            self.email = email
        }
    }

    /// A token made out for a service token, good for half its life.
    struct Assertion {
        let text: String
        let end: Timestamp
    }

    struct AssertionKey: Hashable {
        let place: ServicePlace
        let policy: PolicyID
    }

    struct MachineKey: Hashable {
        let client: ServiceTokenClientID
        let account: AccountID
    }

    /// A table in which a new entry takes the place of an older one: it never grows, and no entry is worth keeping.
    private var passes: [Pass?] = []
    private(set) var machines: [MachineKey: KnownMachine] = [:]
    private(set) var assertions: [AssertionKey: Assertion] = [:]
    private static let passCapacity = 4096
    private static let machineCapacity = 2048

    func pass(_ digest: Digest32) -> Pass? {
        guard !passes.isEmpty, let pass = passes[Self.slot(digest)], pass.digest == digest else { return nil }
        return pass
    }

    mutating func keep(_ pass: Pass) {
        if passes.isEmpty { passes = Array(repeating: nil, count: Self.passCapacity) }
        passes[Self.slot(pass.digest)] = pass
    }

    mutating func keep(_ machine: KnownMachine, as key: MachineKey) {
        if machines.count >= Self.machineCapacity { machines.removeAll() }
        machines[key] = machine
    }

    mutating func keep(_ assertion: Assertion, as key: AssertionKey) {
        if assertions.count >= Self.machineCapacity { assertions.removeAll() }
        assertions[key] = assertion
    }

    private static func slot(_ digest: Digest32) -> Int { Int(digest.words.3 % UInt64(passCapacity)) }
}
