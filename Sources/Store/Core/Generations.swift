internal import Synchronization

/// What a counter counts changes of.
package enum Generation: Int, CaseIterable, Sendable {
    /// Every committed group of writes.
    case commits
    /// Anything an authentication depends on: tokens, sessions, members, signing keys.
    case credentials
    /// Anything that decides whose ID tokens are believed: identity providers, connections, designations.
    case identity
    /// Anything that decides who is let in: every change of every resource, and every session that ends. Moves with each
    /// unit of writes that does not say of itself that it only adds something new.
    case access
}

/// Counters that tell caches when what they hold may be outdated. They start at 0 in each process and only grow.
///
/// A counter moves after the change is durable and before its writer is answered: whoever was answered and asks again
/// finds it moved.
@usableFromInline
package final class Generations: Sendable {
    private let commits = Atomic<UInt64>(0)
    private let credentials = Atomic<UInt64>(0)
    private let identity = Atomic<UInt64>(0)
    private let access = Atomic<UInt64>(0)

    package subscript(_ generation: Generation) -> UInt64 {
        switch generation {
        case .commits: commits.load(ordering: .acquiring)
        case .credentials: credentials.load(ordering: .acquiring)
        case .identity: identity.load(ordering: .acquiring)
        case .access: access.load(ordering: .acquiring)
        }
    }

    func advance(_ generation: Generation) {
        switch generation {
        case .commits: commits.wrappingAdd(1, ordering: .releasing)
        case .credentials: credentials.wrappingAdd(1, ordering: .releasing)
        case .identity: identity.wrappingAdd(1, ordering: .releasing)
        case .access: access.wrappingAdd(1, ordering: .releasing)
        }
    }

    func advance(_ touched: Touched) {
        for generation in Generation.allCases where touched.contains(generation) { advance(generation) }
    }
}

/// The counters to advance after a commit.
struct Touched {
    private var bits: UInt64 = 0

    /// What a unit touches unless it says otherwise.
    static let access = Touched(bits: 1 << UInt64(Generation.access.rawValue))

    init() {}
    private init(bits: UInt64) { self.bits = bits }

    mutating func insert(_ generation: Generation) { bits |= 1 << UInt64(generation.rawValue) }
    mutating func formUnion(_ other: Touched) { bits |= other.bits }
    mutating func remove(_ generation: Generation) { bits &= ~(1 << UInt64(generation.rawValue)) }
    func contains(_ generation: Generation) -> Bool { bits & 1 << UInt64(generation.rawValue) != 0 }
}
