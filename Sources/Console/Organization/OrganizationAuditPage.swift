import Domain
import HTTP
import Primitives
import Store

/// The audit log of an organization and, unless it is asked otherwise, of all its accounts.
enum OrganizationAuditPage: ConsolePages {
    private static let base = "/organizations/{organization_id}/audit"

    static let routes: [ConsoleRoute] = [
        .get(
            base, .organization(.organizationRead),
            .watched { (call) throws(Failure) in try log(call).screen(call.reader) }, subject: .auditLog),
        .get(
            base + "/export", .organization(.organizationRead),
            .download { (call) throws(Failure) in try log(call).export() }, subject: .auditLog),
        .get(
            base + "/{audit_id}", .organization(.organizationRead),
            .watched { (call) throws(Failure) in try log(call).detail(call.view.path.id("audit_id"), call.reader) },
            subject: .auditLog),
    ]

    private static func log(_ call: PageCall) throws(Failure) -> AuditLog {
        let organization = try call.organization()
        return AuditLog(
            scope: .organization(organization.id, includingAccounts: call.view.query["accounts"] != "no"),
            place: .organization(organization), path: "\(organization.path)/audit", view: call.view)
    }
}
