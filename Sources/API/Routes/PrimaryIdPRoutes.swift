import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// The primary IdP of an organization (contract 30 §6).
enum PrimaryIdPRoutes: RouteGroup {
    static let base = "/organizations/{organization_id}/primary_idp"

    static let table: [Route] = [
        Route(.get, base, "getPrimaryIdP", .organization(.organizationRead), .primaryIdP, .read(get)),
        Route(.post, base, "setPrimaryIdP", .organization(.organizationWrite), .primaryIdP, .wait(set)),
        Route(.patch, base, "updatePrimaryIdP", .organization(.organizationWrite), .primaryIdP, .wait(update)),
        Route(.delete, base, "deletePrimaryIdP", .organization(.organizationWrite), .primaryIdP, .write(delete)),
    ]

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        reply(try call.reader.designatedPrimary(of: call.organization))
    }

    @Sendable static func set(_ call: WaitCall) async throws(Failure) -> FinalAnswer {
        let draft = try refusing { () throws(Refusal) in try PrimaryIdPDraft(call.body) }
        let isForced = try call.query.bool("force") ?? false
        let isPreview = try call.query.bool("preview") ?? false
        // Enforcing a provider that does not answer would lock everybody out, so it is asked first.
        if draft.mode == .enforce, !isPreview {
            try await call.requireWorking(draft.identityProvider, in: draft.account)
        }
        let organization = call.organization
        return try await call.perform { (act) throws(Failure) in
            try act.requireIdentityWrite(on: draft.account)
            if isPreview {
                return .preview(
                    try act.preview { (act) throws(Failure) in
                        _ = try act.designatePrimary(draft, for: organization, isForced: true)
                    })
            }
            return reply(
                try act.designatePrimary(draft, for: organization, isForced: isForced), notices: act.notices)
        }
    }

    @Sendable static func update(_ call: WaitCall) async throws(Failure) -> FinalAnswer {
        let change = try refusing { () throws(Refusal) in
            let body = try Body(call.body, as: PrimaryIdP.changeFields, orRefuse: .organizationInvalid)
            return PrimaryIdPChange(
                mode: body.text("mode").flatMap { PrimaryMode(rawValue: $0) },
                exempt: body["exempt_account_ids"] == nil
                    ? nil : body.texts("exempt_account_ids").compactMap { AccountID(hex: $0) },
                breakGlass: body["break_glass_emails"] == nil ? nil : body.texts("break_glass_emails"))
        }
        let isForced = try call.query.bool("force") ?? false
        let isPreview = try call.query.bool("preview") ?? false
        let organization = call.organization
        if change.mode == .enforce, !isPreview {
            let primary = try await call.read { (reader) throws(Failure) in
                try reader.primaryIdP(of: organization)
            }
            if let primary, primary.mode != .enforce {
                try await call.requireWorking(primary.identityProvider, in: primary.account)
            }
        }
        return try await call.perform { (act) throws(Failure) in
            if isPreview {
                return .preview(
                    try act.preview { (act) throws(Failure) in
                        _ = try act.changePrimary(of: organization, change, isForced: true)
                    })
            }
            return reply(try act.changePrimary(of: organization, change, isForced: isForced), notices: act.notices)
        }
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        let deletingGrant = try call.query.bool("delete_grant") ?? false
        let organization = call.organization
        if try call.query.bool("preview") == true {
            return .preview(
                try call.act.preview { (act) throws(Failure) in
                    try act.endPrimary(of: organization, deletingGrant: deletingGrant)
                })
        }
        try call.act.endPrimary(of: organization, deletingGrant: deletingGrant)
        return .resource(notices: call.act.notices) { writer, _ in
            writer.beginObject()
            writer.member("organization_id", hex: organization)
            writer.endObject()
        }
    }

    private static func reply(_ designated: DesignatedPrimary, notices: [Notice] = []) -> Reply {
        .resource(version: designated.primary.version, notices: notices) { writer, _ in
            designated.primary.write(
                to: &writer, bridgeApplication: designated.bridgeApplication,
                accountsTotal: designated.accountsTotal, accountsBridged: designated.accountsBridged)
        }
    }
}
