import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Coverage and drift (contract 30 §8).
enum CoverageRoutes: RouteGroup {
    static let table: [Route] = [
        Route(
            .get, "/organizations/{organization_id}/idp_coverage", "getOrganizationIdPCoverage",
            .organization(.organizationRead), .primaryIdP, .survey(organization)),
        Route(
            .get, "/accounts/{account_id}/access/idp_coverage", "getAccountIdPCoverage", .account(.identityRead), .bridge,
            .read(account)),
    ]

    @Sendable static func organization(_ call: ReadCall) throws(Failure) -> Reply {
        let status = try call.query.oneOf("status", BridgeStatus.allCases.map(\.rawValue)).flatMap { BridgeStatus(rawValue: $0) }
        let isDriftOnly = try call.query.bool("drift") ?? false
        let coverage = try Coverage(below: call.organization, call.reader)
        guard !coverage.accounts.isEmpty || (try call.reader.hasPrimary(below: call.organization)) else {
            throw .refused(.organizationNotFound, "no primary IdP")
        }
        let wanted = coverage.accounts.filter {
            (status == nil || $0.status == status) && (!isDriftOnly || coverage.drifts[$0.account] != nil)
        }
        let filters = "coverage \(call.organization.hex) \(status?.rawValue ?? "") \(isDriftOnly)"
        let page = try PageToken.request(call.call, filters: filters)
        let shown = wanted.dropFirst(page.offset).prefix(page.size)
        let details = try CoverageDetails(of: shown.map(\.account), call.reader)
        return try page.reply(call.call, filters: filters, count: shown.count, total: wanted.count) { writer in
            coverage.write(Array(shown), details, call.call.plane.settings, to: &writer)
        }
    }

    @Sendable static func account(_ call: ReadCall) throws(Failure) -> Reply {
        guard let governed = try call.reader.governed(call.account) else {
            guard try call.reader.organization(of: call.account) != nil else {
                throw .refused(.bridgeNoOrganization, "the account is in no organization")
            }
            throw .refused(.bridgeNoPrimary, "no organization above the account has a primary identity provider")
        }
        let drifts = try call.reader.drifts(in: .account(call.account))
        let details = try CoverageDetails(of: [call.account], call.reader)
        return .found { CoverageWriter.write(governed, drifts, details, to: &$0) }
    }
}
