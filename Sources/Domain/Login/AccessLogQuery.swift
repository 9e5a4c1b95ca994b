package import Primitives

/// One row of the log of logins, as it was kept.
package struct AccessLogRow: Sendable, Equatable {
    package let id: AccessRequestID
    package let at: Timestamp
    package let request: AccessRequest

    package init(id: AccessRequestID, at: Timestamp, request: AccessRequest) {
        self.id = id
        self.at = at
        self.request = request
    }
}

/// Which rows of an account's log of logins are asked for (contract 20 §19).
package struct AccessLogQuery: Sendable {
    package let account: AccountID
    /// Inclusive; `nil` for the beginning.
    package var since: Timestamp?
    /// Inclusive; `nil` for the end.
    package var until: Timestamp?
    package var isDescending = true
    package var conditions: [AccessLogCondition] = []

    package init(account: AccountID) { self.account = account }
}

/// A filter of the log, which a row must fulfil or, negated, must not.
package struct AccessLogCondition: Sendable, Equatable {
    package enum Test: Sendable, Equatable {
        /// Compared without regard to ASCII case.
        case email(String)
        /// A part of the address, likewise.
        case emailContaining(String)
        case isAllowed(Bool)
        /// Lowercase UUID; a text of another form matches no row.
        case application(String)
        case applicationType(String)
        case country(String)
        /// The id of an identity provider or connection, or the type of one.
        case identityProvider(String)
        /// Whether nobody signed in: machines.
        case isNonIdentity(Bool)
        case ray(String)
        case user(String)
    }

    package let test: Test
    package let isNegated: Bool

    package init(_ test: Test, isNegated: Bool) {
        self.test = test
        self.isNegated = isNegated
    }
}
