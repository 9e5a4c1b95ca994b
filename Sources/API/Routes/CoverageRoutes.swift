import ControlPlane
import Domain
import HTTP
import JSON
import Mending
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
            .get, "/accounts/{account_id}/access/idp_coverage", "getAccountIdPCoverage", .account(.identityRead),
            .bridge,
            .read(account)),
    ]

    @Sendable static func organization(_ call: ReadCall) throws(Failure) -> Reply {
        let status = try call.query.oneOf("status", BridgeStatus.allCases.map(\.rawValue)).flatMap {
            BridgeStatus(rawValue: $0)
        }
        let isDriftOnly = try call.query.bool("drift") ?? false
        guard try call.reader.hasPrimary(aboveOrBelow: call.organization) else {
            throw .refused(.organizationNotFound, "no primary IdP")
        }
        return try page(call, status, isDriftOnly)
    }

    private static func page(_ call: ReadCall, _ status: BridgeStatus?, _ isDriftOnly: Bool) throws(Failure) -> Reply {
        let coverage = try Coverage(below: call.organization, call.reader)
        let wanted = coverage.accounts.filter {
            (status == nil || $0.status == status) && (!isDriftOnly || coverage.drifts[$0.account]?.isEmpty == false)
        }
        let filters = "coverage \(call.organization.hex) \(status?.rawValue ?? "") \(isDriftOnly)"
        let page = try PageToken.request(call.call, filters: filters)
        let shown = Array(wanted.dropFirst(page.offset).prefix(page.size))
        let details = try CoverageDetails(of: shown, coverage, call.reader)
        return page.reply(call.call, filters: filters, count: shown.count, total: wanted.count) { writer in
            writer.beginObject()
            writer.key("summary")
            write(summary: coverage, to: &writer)
            writer.key("accounts")
            writer.beginArray()
            for account in shown { write(account, coverage.drifts[account.account] ?? [], details, to: &writer) }
            writer.endArray()
            writer.endObject()
        }
    }

    @Sendable static func account(_ call: ReadCall) throws(Failure) -> Reply {
        guard let governed = try call.reader.governed(call.account) else {
            guard try call.reader.organization(of: call.account) != nil else {
                throw .refused(.bridgeNoOrganization, "the account is in no organization")
            }
            throw .refused(.bridgeNoPrimary, "no organization above the account has a primary identity provider")
        }
        let coverage = try Coverage(of: governed, call.reader)
        let details = try CoverageDetails(of: [governed], coverage, call.reader)
        return .found { write(governed, coverage.drifts[governed.account] ?? [], details, to: &$0) }
    }

    private static func write(summary coverage: Coverage, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("accounts", coverage.accounts.count)
        writer.member("bridged", coverage.count(.bridged))
        writer.member("source", coverage.count(.source))
        writer.member("exempt", coverage.count(.exempt))
        writer.member("missing", coverage.count(.missing))
        writer.member("with_drift", coverage.withDrift)
        writer.endObject()
    }

    private static func write(
        _ account: GovernedAccount, _ drifts: [Drift], _ details: CoverageDetails, to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.member("account_id", hex: account.account)
        writer.member("name", account.name)
        writer.member("status", account.status.rawValue)
        writer.member("connection_id", uuid: account.connection)
        writer.member("has_zero_trust", account.hasZeroTrust)
        // Logins over the bridge are recorded from the moment people can sign in here.
        writer.key("last_bridge_login")
        writer.null()
        writer.key("other_idps")
        writer.beginArray()
        for other in details.others[account.account] ?? [] {
            writer.beginObject()
            writer.member("id", uuid: other.id)
            writer.member("type", other.type)
            writer.member("name", other.name)
            writer.member("enforced_off", account.isEnforced)
            writer.endObject()
        }
        writer.endArray()
        writer.key("drift")
        writer.beginArray()
        for drift in drifts { write(drift, account, details, to: &writer) }
        writer.endArray()
        writer.endObject()
    }

    private static func write(
        _ drift: Drift, _ account: GovernedAccount, _ details: CoverageDetails, to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.member("kind", drift.kind.rawValue)
        switch drift.subject {
        case .account: break
        case .identityProvider(let id): writer.member("idp_id", uuid: id)
        case .application(let id): writer.member("app_id", uuid: id)
        case .policy(let id): writer.member("policy_id", uuid: id)
        case .group(let id): writer.member("group_id", uuid: id)
        }
        if case .policy = drift.subject, let application = drift.application {
            writer.member("app_id", uuid: application)
        }
        if !drift.name.isEmpty { writer.member("name", drift.name) }
        if !drift.identityProviders.isEmpty { writer.member("idp_ids", drift.identityProviders.map(\.uuid)) }
        if let fix = DriftFix(for: drift, of: account, details) {
            writer.key("fix")
            fix.write(to: &writer)
        }
        writer.endObject()
    }
}
