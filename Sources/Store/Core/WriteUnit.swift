internal import SQLite

/// A unit of work that waits for its turn, its value not known yet.
protocol WriteUnit: AnyObject, Sendable {
    /// Runs the body; what it answers is kept until ``finish(_:)``.
    ///
    /// - Returns: whether the body succeeded.
    func run(_ transaction: WriteTransaction) -> Bool

    /// Hands out what the body answered, or `failure` instead of it. Called once.
    func finish(_ failure: StoreError?)
}

/// `@unchecked Sendable`: created by the caller, then handed to the writer thread through the queue's lock and touched
/// by that thread alone.
final class PendingUnit<Value: Sendable, Failure: StoreErrorConvertible>: WriteUnit, @unchecked Sendable {
    private let body: @Sendable (WriteTransaction) throws(Failure) -> Value
    private let completion: @Sendable (Result<Value, Failure>) -> Void
    private var outcome: Result<Value, Failure>?

    init(
        _ body: @escaping @Sendable (WriteTransaction) throws(Failure) -> Value,
        _ completion: @escaping @Sendable (Result<Value, Failure>) -> Void
    ) {
        self.body = body
        self.completion = completion
    }

    func run(_ transaction: WriteTransaction) -> Bool {
        do throws(Failure) {
            outcome = .success(try body(transaction))
            return true
        } catch {
            outcome = .failure(error)
            return false
        }
    }

    func finish(_ failure: StoreError?) {
        if let failure { return completion(.failure(Failure(failure))) }
        completion(outcome ?? .failure(Failure(StoreError.unavailable(.refused("the unit did not run")))))
    }
}
