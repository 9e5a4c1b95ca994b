package import Domain
package import HTTP

/// One operation of the REST API: a row of a route table, and a path item of `openapi.yaml`.
package struct Route: Sendable {
    package let method: Method
    /// Below `/client/v4`, with `{name}` for a parameter. Parameters named `…_id` take the form their name implies.
    package let path: String
    package let operationID: String
    package let permission: Permission
    /// What the audit log calls the resource.
    package let subject: AuditedResource.Kind
    package let handler: Handler

    package init(
        _ method: Method, _ path: String, _ operationID: String, _ permission: Permission,
        _ subject: AuditedResource.Kind, _ handler: Handler
    ) {
        self.method = method
        self.path = path
        self.operationID = operationID
        self.permission = permission
        self.subject = subject
        self.handler = handler
    }
}

/// What a caller needs in order to use a route.
package enum Permission: Sendable, Equatable {
    /// Any valid credential.
    case authenticated
    /// A right on the account of the path. `needsZeroTrust`: 9999 while Access is not set up there.
    case account(PermissionGroup, needsZeroTrust: Bool = false)
    /// A right on the organization of the path.
    case organization(PermissionGroup)
    /// A right on the caller's own user.
    case user(PermissionGroup)

    /// As `x-permission` in `openapi.yaml` has it.
    package var wireName: String {
        switch self {
        case .authenticated: "authenticated"
        case .account(let group, _), .organization(let group), .user(let group): group.name
        }
    }

    /// A right of the Access part of an account, which answers 9999 until a Zero Trust organization exists.
    package static func access(_ group: PermissionGroup) -> Permission { .account(group, needsZeroTrust: true) }
}

/// A resource's operations, in one table that reads like its page of the API reference.
package protocol RouteGroup: Sendable {
    static var table: [Route] { get }
}
