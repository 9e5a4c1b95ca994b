package import Primitives

/// A refresh token as it is remembered, with its place in the family that one authorization began (RFC 6749 §6, RFC 9700
/// §4.14.2). At most one token of a family is live.
///
/// Read it and carry the verdict out in one transaction, so that of two parallel refreshes one rotates.
package struct RefreshState: Sendable, Equatable {
    package enum Place: Sendable, Equatable {
        case live
        /// It was exchanged at this instant.
        /// - Parameter isSuccessorUsed: whether what replaced it has been presented already.
        case retired(at: Timestamp, isSuccessorUsed: Bool)
    }

    package let clientID: String
    package let issuer: String
    package let place: Place
    /// When the family ends, however often it rotates.
    package let expiresAt: Timestamp

    package init(clientID: String, issuer: String, place: Place, expiresAt: Timestamp) {
        self.clientID = clientID
        self.issuer = issuer
        self.place = place
        self.expiresAt = expiresAt
    }

    package enum Verdict: Sendable, Equatable {
        /// Retire it and issue its successor.
        case rotate
        /// The answer to the first use was lost: give the same successor again.
        case repeated
        /// It was stolen, before or after: end the family and answer `invalid_grant`.
        case reused
        /// Change nothing and answer so.
        case refused(OAuthError)
    }

    /// Judges a refresh by a client that has authenticated.
    ///
    /// - Parameter window: how long after the first use of a token its use counts as a repeated request, as long as nobody
    ///   has used the successor. Zero for none.
    package func judge(clientID: String, issuer: String, lostResponseWindow window: Duration, at now: Timestamp)
        -> Verdict
    {
        guard clientID.utf8.elementsEqual(self.clientID.utf8), issuer.utf8.elementsEqual(self.issuer.utf8) else {
            return .refused(.invalidGrant)
        }
        switch place {
        case .retired(let first, let isSuccessorUsed):
            let isRepeated = !isSuccessorUsed && first.isWithin(window, before: now) && now < expiresAt
            return window > .zero && isRepeated ? .repeated : .reused
        case .live: return now < expiresAt ? .rotate : .refused(.invalidGrant)
        }
    }
}
