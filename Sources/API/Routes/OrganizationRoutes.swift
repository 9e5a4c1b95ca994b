import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Organizations and the accounts in them (contract 20 §1).
enum OrganizationRoutes: RouteGroup {
    static let one = "/organizations/{organization_id}"

    static let table: [Route] = [
        Route(.get, "/organizations", "listOrganizations", .authenticated, .organization, .read(list)),
        Route(.post, "/organizations", "createOrganization", .authenticated, .organization, .write(create)),
        Route(.get, one, "getOrganization", .organization(.organizationRead), .organization, .read(get)),
        Route(.put, one, "updateOrganization", .organization(.organizationWrite), .organization, .write(update)),
        Route(.delete, one, "deleteOrganization", .organization(.organizationWrite), .organization, .write(delete)),
        Route(
            .get, one + "/profile", "getOrganizationProfile", .organization(.organizationRead), .organization,
            .read(getProfile)),
        Route(
            .put, one + "/profile", "updateOrganizationProfile", .organization(.organizationWrite), .organization,
            .write(updateProfile)),
        Route(
            .get, one + "/accounts", "listOrganizationAccounts", .organization(.organizationRead), .organization,
            .read(listAccounts)),
    ]

    @Sendable static func list(_ call: ReadCall) throws(Failure) -> Reply {
        let names = [
            "id", "name.startsWith", "name.endsWith", "name.contains", "parent.id", "containing.account",
            "containing.organization", "containing.user",
        ]
        let page = try PageToken.request(call.call, filters: "organizations \(call.query.fingerprint(of: names))")
        let after = page.position.flatMap { position in
            OrganizationID(bytes: position.identifier).map {
                TimePosition(at: Timestamp(microseconds: position.number), id: $0)
            }
        }
        let organizations = try call.reader.organizations(
            within: Reach.of(call.call.principal, [.organizationRead]), try filter(call.query), after: after,
            limit: page.size + 1)
        return page.reply(call.call, organizations) {
            PagePosition(number: $0.createdAt.microseconds, identifier: $0.id.bytes)
        } _: {
            $0.write(to: &$1)
        }
    }

    private static func filter(_ query: QueryReader) throws(Failure) -> OrganizationFilter {
        var filter = OrganizationFilter()
        for text in query.texts("id") {
            guard let id = OrganizationID(hex: text) else { throw query.invalid("id", "must be 32 hexadecimal digits") }
            filter.ids.append(id)
        }
        filter.name = query.name("name")
        if query.text("parent.id") == "null" {
            filter.parent = OrganizationFilter.Parent.none
        } else if let id: OrganizationID = try query.hex("parent.id") {
            filter.parent = .one(id)
        }
        filter.containingAccount = try query.hex("containing.account")
        filter.containingOrganization = try query.hex("containing.organization")
        filter.containingUser = try query.hex("containing.user")
        return filter
    }

    @Sendable static func create(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try refusing { () throws(Refusal) in try OrganizationDraft(call.body) }
        return reply(try call.act.createOrganization(draft))
    }

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        let organization = try organization(call)
        return .found(version: organization.version) { organization.write(to: &$0) }
    }

    @Sendable static func update(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try refusing { () throws(Refusal) in try OrganizationDraft(call.body) }
        return reply(try call.act.replaceOrganization(call.organization, with: draft), call.act.notices)
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        try call.act.deleteOrganization(call.organization)
        return .deleted(.ok, id: call.organization.hex)
    }

    @Sendable static func getProfile(_ call: ReadCall) throws(Failure) -> Reply {
        let organization = try organization(call)
        return .found(version: organization.version) { $0.raw(organization.profile ?? OrganizationProfile.empty) }
    }

    @Sendable static func updateProfile(_ call: WriteCall) throws(Failure) -> Reply {
        let profile = try refusing { () throws(Refusal) in try OrganizationProfile.document(call.body) }
        let organization = try call.act.replaceProfile(of: call.organization, with: profile)
        return .resource(version: organization.version) { writer, _ in writer.null() }
    }

    @Sendable static func listAccounts(_ call: ReadCall) throws(Failure) -> Reply {
        let query = call.query
        _ = try query.oneOf("order_by", ["account_name"])
        let isDescending = try query.isDescending()
        var name = query.name("account_pubname")
        let alias = query.name("name")
        name = NameFilter(
            start: name.start ?? alias.start, end: name.end ?? alias.end, part: name.part ?? alias.part)
        let filters = [call.organization.hex, name.start, name.end, name.part, "\(isDescending)"].map { $0 ?? "" }
        let page = try PageToken.request(
            call.call, filters: "organization accounts \(filters.joined(separator: "\u{1F}"))")
        let after = page.position.flatMap { position in
            AccountID(bytes: position.identifier).map { NamePosition(name: position.text, id: $0) }
        }
        let accounts = try call.reader.accounts(
            below: call.organization, within: Reach.of(call.call.principal, PermissionGroup.allCases), name,
            isDescending: isDescending, after: after, limit: page.size + 1)
        return page.reply(call.call, accounts) {
            PagePosition(text: $0.name, identifier: $0.id.bytes)
        } _: {
            $0.write(to: &$1)
        }
    }

    private static func organization(_ call: ReadCall) throws(Failure) -> Organization {
        guard let organization = try call.reader.organization(call.organization) else {
            throw .refused(.organizationNotFound, "organization not found")
        }
        return organization
    }

    private static func reply(_ organization: Organization, _ notices: [Notice] = []) -> Reply {
        .resource(version: organization.version, notices: notices) { writer, _ in organization.write(to: &writer) }
    }
}

extension QueryReader {
    /// `<name>.startsWith`, `.endsWith` and `.contains`.
    func name(_ name: String) -> NameFilter {
        NameFilter(
            start: text("\(name).startsWith"), end: text("\(name).endsWith"), part: text("\(name).contains"))
    }
}
