package import ControlPlane
package import Domain
import JSON
import Primitives
package import Store
import Wire

extension DriftFix {
    /// The right that the request takes, on the account; ``Step/enforce(_:)`` takes one on the organization.
    package var permission: PermissionGroup {
        switch step {
        case .bridge, .deleteIdentityProvider, .replaceGroup: .identityWrite
        case .enforce: .organizationWrite
        case .replaceApplication, .replacePolicy, .deletePolicy: .appsWrite
        }
    }

    /// Does what the request would do.
    ///
    /// - Parameter bridge: connects the account to its primary IdP.
    package func perform(
        in account: AccountID, _ act: Act, bridge: (Act) throws(Failure) -> Void
    ) throws(Failure) {
        switch step {
        case .bridge: try bridge(act)
        case .deleteIdentityProvider(let id): try act.deleteIdentityProvider(id, in: account)
        case .enforce:
            throw .refused(.bridgeEnforced, "enforcing is done for the whole organization, with a preview of its own")
        case .replaceApplication(let id):
            let old = try act.application(.id(id), in: account)
            let draft = try refusing { () throws(Refusal) in try ApplicationDraft(body, replacing: old.type) }
            _ = try act.replaceApplication(.id(id), with: draft, in: account)
        case .replacePolicy(let id, let application?):
            let draft = try refusing { () throws(Refusal) in try PolicyDraft(attached: body) }
            _ = try act.replaceAttachedPolicy(id, of: .id(application), with: draft, in: account)
        case .replacePolicy(let id, nil):
            let draft = try refusing { () throws(Refusal) in try PolicyDraft(body) }
            _ = try act.replaceReusablePolicy(id, with: draft, in: account)
        case .deletePolicy(let id, let application):
            try act.deleteAttachedPolicy(id, of: .id(application), in: account)
        case .replaceGroup(let id):
            let draft = try refusing { () throws(Refusal) in try AccessGroupDraft(body) }
            _ = try act.replaceGroup(id, with: draft, in: account)
        }
    }
}
