package import Crypto
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
    private let answers = AnswerMemory()
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
        answers.forget()
        primaries = nil
        (self.identity, self.credentials) = (identity, credentials)
    }

    /// What was answered for an account to the body with this SHA-256, if it would be answered again now.
    package func answer(to body: Digest32, for account: AccountID, at now: Timestamp) -> [UInt8]? {
        answers.answer(to: body, for: account, revision: judge.keys.revision, at: now)
    }

    /// Keeps an answer for as long as the judgement holds that it tells of.
    package func keep(_ answer: [UInt8], to body: Digest32, for account: AccountID, _ hold: AnswerHold) {
        answers.keep(answer, to: body, for: account, revision: hold.revision, until: hold.until)
    }

    /// Judges a token for an account.
    package func verdict(
        on token: [UInt8], _ expectation: TokenExpectation, for account: AccountID, in reader: any Reading,
        settings: Settings, at now: Timestamp
    ) throws(Failure) -> TokenVerdict {
        try lastingVerdict(
            on: token, digest: SHA256.hash(token), expectation, for: account, in: reader, settings: settings, at: now
        ).0
    }

    /// The same, with how long it may be answered again.
    ///
    /// - Parameter digest: names the token: its SHA-256, or that of a body with no other token in it.
    /// - Returns: the verdict and, for a good token of an identity provider, how long it would be the same.
    package func lastingVerdict(
        on token: [UInt8], digest: Digest32, _ expectation: TokenExpectation, for account: AccountID,
        in reader: any Reading, settings: Settings, at now: Timestamp
    ) throws(Failure) -> (TokenVerdict, AnswerHold?) {
        let trust = try trusts.trust(of: account, in: reader)
        // Read before judging: a change in between only makes the hold void.
        let revision = judge.keys.revision
        switch judge.verified(token, digest: digest, trust, expectation, at: now) {
        case .undecided(let need): return (.undecided(need), nil)
        case .valid(let valid, let until):
            // The age of a sign-in grows with time.
            let hold = expectation.maxAge == nil ? AnswerHold(revision: revision, until: until) : nil
            return (.valid(valid), hold)
        case .rejected(let rejection):
            guard rejection.reason.position >= TokenReason.unknownIssuer.position else {
                return (.invalid(rejection), nil)
            }
            let own = try ownVerdict(on: token, expectation, for: account, in: reader, settings: settings, at: now)
            return (own ?? .invalid(rejection), nil)
        }
    }

    func primaryTrust(in reader: any Reading) throws(Failure) -> PrimaryTrust {
        if let primaries { return primaries }
        let read = PrimaryTrust(try reader.primaryIssuers())
        primaries = read
        return read
    }
}

/// What must still be so for an answer to be given again.
package struct AnswerHold: Sendable {
    let revision: UInt64
    let until: Timestamp
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
