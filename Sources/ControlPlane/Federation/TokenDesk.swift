import Crypto
package import Domain
package import Federation
package import Primitives
package import Store

/// Where tokens are judged on one loop: the judge, with what accounts and organizations believe.
///
/// Call ``begin(_:)`` before the reads of a request, then ask. An answer comes at once, or names what to wait for.
package final class TokenDesk {
    package let judge: TokenJudge
    let trusts = AccountTrusts()
    private(set) var primaries: PrimaryTrust?
    private var identity: UInt64 = .max
    private var credentials: UInt64 = .max

    package init(keys: KeyCache) { judge = TokenJudge(keys: keys) }

    /// Forgets what the counters say is outdated. Comes before the snapshot of the request is taken, so that nothing
    /// older than the counters is kept under them.
    package func begin(_ generations: Generations) {
        let (identity, credentials) = (generations[.identity], generations[.credentials])
        guard identity != self.identity || credentials != self.credentials else { return }
        judge.hold(for: identity)
        trusts.forget()
        primaries = nil
        (self.identity, self.credentials) = (identity, credentials)
    }

    /// Judges a token for an account.
    package func verdict(
        on token: [UInt8], _ expectation: TokenExpectation, for account: AccountID, in reader: any Reading,
        settings: Settings, at now: Timestamp
    ) throws(Failure) -> TokenVerdict {
        let trust = try trusts.trust(of: account, in: reader)
        let verdict = judge.judge(token, digest: SHA256.hash(token), trust, expectation, at: now)
        guard case .invalid(let rejection) = verdict, rejection.reason.position >= TokenReason.unknownIssuer.position
        else { return verdict }
        return try ownVerdict(on: token, expectation, for: account, in: reader, settings: settings, at: now) ?? verdict
    }

    func primaryTrust(in reader: any Reading) throws(Failure) -> PrimaryTrust {
        if let primaries { return primaries }
        let read = PrimaryTrust(try reader.primaryIssuers())
        primaries = read
        return read
    }
}

extension Plane {
    /// Does what a verdict waits for. Afterwards the token is judged again.
    package func provide(_ need: TokenNeed) async throws(Failure) {
        switch need {
        case .keys(let pending): await pending.arrival()
        case .issuer(let issuer, let provider):
            _ = try await store.writes.perform { (transaction) throws(Failure) in
                try transaction.learn(issuer: issuer, of: provider)
            }
        }
    }
}
