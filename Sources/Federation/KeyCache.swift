package import Domain
package import JOSE
package import Primitives
import Synchronization

/// The keys of all identity providers in use (contract 40 §10, JWKS handling). Shared by all loops; asked once per
/// token whose signature must be checked, never for one that was verified before.
///
/// Answers at once, or names something to wait for. After waiting, ask again: the answer then is keys or a reason.
package final class KeyCache: Sendable {
    /// How long keys serve after they were fetched while the provider cannot be reached.
    static let staleLimit = Duration.seconds(86_400)
    static let unknownKeyInterval = Duration.seconds(60)
    static let capacity = 16_384

    package let fetcher: any Fetcher
    let clock: any WallClock
    let entries = Mutex<[IdentityProviderID: Entry]>([:])
    let changes = Atomic<UInt64>(0)
    private let numbers = Atomic<UInt64>(0)

    package init(fetcher: any Fetcher, clock: any WallClock) {
        self.fetcher = fetcher
        self.clock = clock
    }

    /// Moves whenever keys change. What was verified under another revision must be verified again.
    package var revision: UInt64 { changes.load(ordering: .acquiring) }

    struct Entry {
        let source: KeySource
        var held: Held?
        /// Failed attempts since the last success.
        var failures = 0
        /// No attempt before this instant.
        var retryAt = Timestamp(microseconds: .min)
        var lastFailure = ""
        var flight: Flight?
        /// When a refresh for an unknown `kid` last began.
        var unknownKeyAt: Timestamp?
        /// When it was last asked.
        var askedAt = Timestamp(microseconds: .min)

        init(source: KeySource) { self.source = source }
    }

    struct Held {
        var document: KeyDocument
        var fetchedAt: Timestamp
        var freshUntil: Timestamp
        /// From here on a refresh runs in the background.
        var refreshAt: Timestamp
        var staleUntil: Timestamp { max(fetchedAt + KeyCache.staleLimit, freshUntil) }
    }

    /// A fetch in progress. All who need it wait for the same one.
    struct Flight {
        let number: UInt64
        let task: Task<Void, Never>
        /// The unknown `kid` it was begun for.
        let keyID: String?
    }
}

extension KeyCache.Entry {
    /// Times of a clock that was set back since mean nothing: the provider is asked again, and the keys that are held serve
    /// until it answers.
    mutating func noteClock(_ now: Timestamp) {
        defer { askedAt = now }
        guard now + Timestamp.clockSkew < askedAt else { return }
        failures = 0
        retryAt = Timestamp(microseconds: .min)
        unknownKeyAt = nil
        held?.fetchedAt = now
        held?.freshUntil = now
        held?.refreshAt = now
    }
}

/// What the cache has to say.
package enum KeyLookup: Sendable {
    case found(HeldKeys)
    case waiting(PendingKeys)
    /// There are no keys, and asking again has to wait; a sentence says why.
    case unreachable(String)
}

/// Keys that may be used now.
package struct HeldKeys: Sendable {
    package let keys: JWKSet
    /// What a discovery document says of a provider that is configured without an issuer.
    package let discoveredIssuer: String?
    /// The document that led to the keys, or that told the issuer.
    package let discovery: Discovery?
    /// The cache wants to be asked again from here on, so that it can refresh them.
    package let recheckAt: Timestamp
}

/// A fetch to wait for.
package struct PendingKeys: Sendable {
    let task: Task<Void, Never>

    /// Returns when the fetch has ended, well or badly.
    package func arrival() async { await task.value }
}

extension KeyCache {
    /// The keys of a provider.
    package func lookup(_ source: KeySource, of provider: IdentityProviderID, at now: Timestamp) -> KeyLookup {
        entries.withLock { entries in
            var entry = Self.entry(of: provider, source, in: &entries)
            defer { entries[provider] = entry }
            entry.noteClock(now)
            let mayAsk = now >= entry.retryAt
            guard let held = entry.held, now < held.staleUntil else {
                if mayAsk || entry.flight != nil { return .waiting(join(&entry, provider)) }
                return .unreachable(entry.lastFailure)
            }
            if now >= held.freshUntil, entry.failures == 0 { return .waiting(join(&entry, provider)) }
            var recheckAt = held.refreshAt
            if now >= held.refreshAt {
                if mayAsk { _ = join(&entry, provider) }
                // While a fetch is under way its end moves the revision, or sets the time of the next attempt.
                recheckAt = max(entry.retryAt, now + .seconds(1))
                if now < held.freshUntil { recheckAt = min(recheckAt, held.freshUntil) }
            }
            return .found(
                HeldKeys(
                    keys: held.document.keys, discoveredIssuer: held.document.discovery?.issuer,
                    discovery: held.document.discovery, recheckAt: recheckAt))
        }
    }

    /// A refresh because a token names a key that is not there: one a minute and provider. `nil` for everybody else,
    /// who has to do with the keys that are held.
    package func refresh(
        _ source: KeySource, of provider: IdentityProviderID, forKeyID keyID: String, at now: Timestamp
    ) -> PendingKeys? {
        entries.withLock { entries in
            var entry = Self.entry(of: provider, source, in: &entries)
            defer { entries[provider] = entry }
            entry.noteClock(now)
            if let flight = entry.flight {
                guard flight.keyID.map({ $0 == keyID }) ?? true else { return nil }
                return PendingKeys(task: flight.task)
            }
            guard now >= entry.retryAt else { return nil }
            if let last = entry.unknownKeyAt, now < last + Self.unknownKeyInterval { return nil }
            entry.unknownKeyAt = now
            return join(&entry, provider, forKeyID: keyID)
        }
    }

    /// Makes the next lookup ask the provider. The keys that are held serve on when it does not answer.
    package func expire(_ provider: IdentityProviderID) {
        entries.withLock { entries in
            guard var entry = entries[provider] else { return }
            entry.failures = 0
            entry.retryAt = Timestamp(microseconds: .min)
            let now = clock.now
            if var held = entry.held {
                held.freshUntil = min(held.freshUntil, now)
                held.refreshAt = held.freshUntil
                entry.held = held
            }
            entries[provider] = entry
        }
        changes.add(1, ordering: .releasing)
    }

    /// Asks for discovery and keys now and keeps nothing of it.
    package func probe(_ source: KeySource) async throws(FetchFailure) -> KeyDocument {
        try await KeyDocument.load(source, with: fetcher)
    }

    /// Ends fetches in progress and waits for them.
    package func stop() async {
        for flight in flights { flight.cancel() }
        await settle()
    }

    /// Waits for fetches in progress.
    package func settle() async { for flight in flights { await flight.value } }

    private var flights: [Task<Void, Never>] { entries.withLock { $0.values.compactMap(\.flight?.task) } }

    /// A provider whose configuration changed has another source: what was held for the old one is dropped.
    private static func entry(
        of provider: IdentityProviderID, _ source: KeySource, in entries: inout [IdentityProviderID: Entry]
    ) -> Entry {
        if let known = entries[provider], known.source == source { return known }
        if entries.count >= capacity { entries = entries.filter { $0.value.flight != nil } }
        return Entry(source: source)
    }

    /// The fetch in progress, or a new one.
    private func join(
        _ entry: inout Entry, _ provider: IdentityProviderID, forKeyID keyID: String? = nil
    ) -> PendingKeys {
        if let flight = entry.flight { return PendingKeys(task: flight.task) }
        let number = numbers.add(1, ordering: .relaxed).newValue
        let source = entry.source
        // Owned by the entry until it ends; `stop()` waits for it.
        let task = Task { [self] in
            let outcome: Result<KeyDocument, FetchFailure>
            do throws(FetchFailure) {
                outcome = .success(try await KeyDocument.load(source, with: fetcher))
            } catch { outcome = .failure(error) }
            land(outcome, flight: number, of: provider)
        }
        entry.flight = Flight(number: number, task: task, keyID: keyID)
        return PendingKeys(task: task)
    }

    private func land(
        _ outcome: Result<KeyDocument, FetchFailure>, flight number: UInt64, of provider: IdentityProviderID
    ) {
        let now = clock.now
        let hasChanged = entries.withLock { entries in
            // The configuration may have changed meanwhile.
            guard var entry = entries[provider], entry.flight?.number == number else { return false }
            defer { entries[provider] = entry }
            entry.flight = nil
            switch outcome {
            case .success(var document):
                let isNew = entry.held.map { $0.document.digest != document.digest } ?? false
                // The same keys stay the same objects, so that prepared verifiers stay in use.
                if let held = entry.held, !isNew { document.keys = held.document.keys }
                entry.failures = 0
                entry.retryAt = Timestamp(microseconds: .min)
                entry.held = Held(
                    document: document, fetchedAt: now, freshUntil: now + document.lifetime,
                    refreshAt: now + document.lifetime * 4 / 5)
                return isNew
            case .failure(let failure):
                entry.failures += 1
                entry.retryAt = now + .seconds(min(60, 1 << min(entry.failures - 1, 6)))
                entry.lastFailure = failure.explanation
                return false
            }
        }
        if hasChanged { changes.add(1, ordering: .releasing) }
    }
}
