package import ControlPlane
package import Domain
package import HTTP
package import JSON
package import Primitives
package import Store

/// A request that has been routed, authenticated and authorized.
package struct Call: Sendable {
    package let plane: Plane
    package let principal: Principal
    package let rights: PermissionSet
    package let path: PathParameters
    package let query: QueryReader
    package let request: AuditedRequest
    package let now: Timestamp

    /// The account of the path.
    package var account: AccountID { path.hex("account_id") }
    /// The organization of the path.
    package var organization: OrganizationID { path.hex("organization_id") }
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

    package var account: AccountID { call.account }
    package var organization: OrganizationID { call.organization }
    package var path: PathParameters { call.path }
    package var query: QueryReader { call.query }
}
