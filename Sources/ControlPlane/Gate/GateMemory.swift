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

        /// As the question that it came from asks.
        func isGood(at now: Timestamp) -> Bool {
            now < token.expiresAt && token.createdAt <= now + Timestamp.clockSkew
        }
    }

    /// A token made out for a service token, good for half its life.
    struct Assertion {
        let text: String
        let start: Timestamp
        let end: Timestamp

        /// Applications refuse a token that begins in the future, as one does when the clock was set back since.
        func isGood(at now: Timestamp) -> Bool { start <= now && now < end }
    }

    struct AssertionKey: Hashable {
        let place: ServicePlace
        let policy: PolicyID
    }

    struct PublicPlace: Hashable {
        let application: ApplicationID
        let destination: PublicDestination
    }

    struct MachineKey: Hashable {
        let client: ServiceTokenClientID
        let account: AccountID
    }

    /// An access token of managed OAuth that was good.
    final class Agent {
        let access: ManagedAccess
        let identity: Identity
        /// Asked for when a rule needs it.
        var memberships: Set<AccountID>?
        /// The policy that admitted, where that does not depend on the request.
        var settled: PolicyID?
        /// The token that the application gets, good for half its life.
        var assertion: Assertion?

        init(_ access: ManagedAccess, _ identity: Identity) {
            self.access = access
            self.identity = identity
        }
    }

    /// A table in which a new entry takes the place of an older one: it never grows, and no entry is worth keeping.
    private var passes: [Pass?] = []
    private(set) var machines: [MachineKey: KnownMachine] = [:]
    private(set) var assertions: [AssertionKey: Assertion] = [:]
    private(set) var agents: [Digest32: Agent] = [:]
    /// Paths that everybody may see: reading them out of the application's document takes longer than judging.
    private var publicPatterns: [PublicPlace: [String]] = [:]
    private static let passCapacity = 4096
    private static let machineCapacity = 2048

    mutating func publicPatterns(of application: GuardedApplication, at destination: PublicDestination) -> [String] {
        let place = PublicPlace(application: application.id, destination: destination)
        if let known = publicPatterns[place] { return known }
        let found = application.publicPatterns(of: destination)
        if publicPatterns.count >= Self.machineCapacity { publicPatterns.removeAll() }
        publicPatterns[place] = found
        return found
    }

    func pass(_ digest: Digest32) -> Pass? {
        guard !passes.isEmpty, let pass = passes[Self.slot(digest)], pass.digest == digest else { return nil }
        return pass
    }

    mutating func keep(_ pass: Pass) {
        if passes.isEmpty { passes = Array(repeating: nil, count: Self.passCapacity) }
        passes[Self.slot(pass.digest)] = pass
    }

    mutating func keep(_ agent: Agent, as key: Digest32) {
        if agents.count >= Self.machineCapacity { agents.removeAll() }
        agents[key] = agent
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
