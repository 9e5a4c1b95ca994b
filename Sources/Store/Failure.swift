public import Domain
public import SQLite

/// Why a use case did not go through: the one error type from here up to the edge, which translates it once.
@usableFromInline
package enum Failure: Error, Sendable {
    /// The request was understood and turned down. An answer, not an accident.
    case refused(Refusal)
    /// Somebody who wants to sign in is not let in. An answer too, for people: a page shows it.
    case turnedAway(LoginFault)
    /// Full disk, busy past the deadline, shutting down: the caller may try again.
    case unavailable(StoreError)
    /// A unique rule that no use case had checked before, a damaged file, or a statement that makes no sense.
    case broken(StoreError)
    /// The data contradicts itself, or a secret does not open.
    case inconsistent(String)
}

extension Failure: StoreErrorConvertible {
    @usableFromInline
    package init(_ failure: StoreError) {
        switch failure {
        case .unavailable: self = .unavailable(failure)
        case .conflict, .corrupt, .broken: self = .broken(failure)
        }
    }

    @usableFromInline
    package init(_ cause: SQLiteError) { self.init(StoreError(cause)) }
}

extension Failure: SQLiteErrorCarrying {
    /// What SQLite said, so that a query within a query reports the inner cause.
    @usableFromInline
    package var sqliteError: SQLiteError? {
        switch self {
        case .unavailable(let cause), .broken(let cause): cause.sqliteError
        case .refused, .turnedAway, .inconsistent: nil
        }
    }
}

extension Failure {
    package init(_ refusal: Refusal) { self = .refused(refusal) }

    package static func turnedAway(_ code: LoginFaultCode, _ detail: String) -> Failure {
        .turnedAway(LoginFault(code, detail))
    }

    /// A request turned down for one reason.
    package static func refused(_ code: ErrorCode, _ detail: String = "", at pointer: String? = nil) -> Failure {
        .refused(Refusal(code, detail, at: pointer))
    }
}

/// Lets a decoder's refusal pass through a function that fails in this layer's terms.
package func refusing<Value>(_ body: () throws(Refusal) -> Value) throws(Failure) -> Value {
    do throws(Refusal) { return try body() } catch { throw .refused(error) }
}
