package import ControlPlane
package import Crypto
package import Domain
package import Federation
import HTTP
package import JSON
package import Primitives
package import Store

/// How a route does its work.
package enum Handler: Sendable {
    package typealias Reading = @Sendable (ReadCall) throws(Failure) -> Reply
    package typealias Examining = @Sendable (ExamineCall) throws(Failure) -> Examination
    package typealias Writing = @Sendable (WriteCall) throws(Failure) -> Reply
    package typealias Waiting = @Sendable (WaitCall) async throws(Failure) -> FinalAnswer

    /// On the loop, from its own snapshot, without suspending.
    case read(Reading)
    /// Off the loop, for reads whose length grows with the database.
    case survey(Reading)
    /// Off the loop, and leaves a row of its own in the audit log.
    case watched(Reading)
    /// On the loop like `read`, for requests with a body that change nothing. Suspends only where the answer says so.
    case examine(Examining)
    /// On the writer's thread, in one transaction with its audit rows.
    case write(Writing)
    /// Waits for something outside the process.
    case wait(Waiting)
}

/// A request that has been routed, authenticated and authorized.
package struct Call: Sendable {
    package let plane: Plane
    package let principal: Principal
    package let rights: PermissionSet
    package let path: PathParameters
    package let query: QueryReader
    package let now: Timestamp
    let facts: RequestFacts

    /// The request as the audit log names it.
    package var request: AuditedRequest { facts.audited(as: principal) }
    /// The target of the request, to which the location of what it creates is relative.
    package var uri: String { facts.request.target }

    /// The account of the path.
    package var account: AccountID { path.hex("account_id") }
    /// The organization of the path.
    package var organization: OrganizationID { path.hex("organization_id") }

    /// The same call after something was waited for.
    func moved(to now: Timestamp) -> Call {
        Call(plane: plane, principal: principal, rights: rights, path: path, query: query, now: now, facts: facts)
    }
}

/// What the audit log keeps of a request, put into words only for requests that reach the log.
struct RequestFacts: Sendable {
    let request: HTTP.Request
    let address: IPAddress

    func audited(as principal: Principal) -> AuditedRequest {
        AuditedRequest(
            actor: Actor(principal), method: request.method.name, uri: request.target,
            userAgent: request.value(.userAgent) ?? "", address: address.text, ray: APIHandler.rayText(request.ray))
    }
}

/// A call that only reads.
package struct ReadCall {
    package let call: Call
    package let reader: any Reading

    package var account: AccountID { call.account }
    package var organization: OrganizationID { call.organization }
    package var path: PathParameters { call.path }
    package var query: QueryReader { call.query }
}

/// A call with a body that only reads.
package struct ExamineCall {
    package let call: Call
    package let reader: any Reading
    package let desk: TokenDesk
    package let body: JSONValue
    /// The SHA-256 of the body as it was sent.
    package let digest: Digest32
    /// False once the call has waited often enough: the answer has to be given with what there is.
    package let mayWait: Bool

    package var account: AccountID { call.account }
}

/// What an examination has come to.
package enum Examination: Sendable {
    case answered(Reply)
    /// Wait for these, then examine again.
    case waiting([TokenNeed])
}

/// A call that changes something, inside its transaction.
package struct WriteCall {
    package let call: Call
    package let act: Act
    package let body: JSONValue

    package var account: AccountID { call.account }
    package var organization: OrganizationID { call.organization }
    package var path: PathParameters { call.path }
    package var query: QueryReader { call.query }
    package var reader: any Reading { act.transaction }
}

/// A call that waits for something outside the process before, or instead of, a transaction.
package struct WaitCall: Sendable {
    package let call: Call
    package let body: JSONValue
    package let mutation: Mutation

    /// Runs the use case that follows what was waited for, in one transaction.
    package func perform(
        _ useCase: @escaping @Sendable (Act) throws(Failure) -> Reply
    ) async throws(Failure) -> FinalAnswer {
        let refused = { @Sendable (refusal: Refusal) in FinalAnswer(refusal) }
        return try await call.plane.perform(mutation, refused: refused) { (act) throws(Failure) in
            FinalAnswer(try useCase(act))
        }
    }

    /// Keeps an answer that came about without a transaction for the repetition of the request.
    package func keep(_ answer: FinalAnswer) async throws(Failure) -> FinalAnswer {
        guard let idempotency = mutation.idempotency else { return answer }
        let refused = { @Sendable (refusal: Refusal) in FinalAnswer(refusal) }
        return try await call.plane.keep(answer, for: idempotency, refused: refused)
    }

    /// Reads off the loop, before the use case.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any Reading) throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await call.plane.store.background { (reader) throws(Failure) in try body(reader) }
    }

    /// - Throws: 21107 when the identity provider cannot serve a login right now.
    package func requireWorking(_ provider: IdentityProviderID, in account: AccountID) async throws(Failure) {
        try await call.plane.requireWorking(provider, in: account)
    }

    package var account: AccountID { call.account }
    package var organization: OrganizationID { call.organization }
    package var path: PathParameters { call.path }
    package var query: QueryReader { call.query }
}
