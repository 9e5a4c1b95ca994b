import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Members of organizations (contract 20 §1).
enum OrganizationMemberRoutes: RouteGroup {
    static let base = "/organizations/{organization_id}/members"
    static let one = base + "/{member_id}"

    static let table: [Route] = [
        Route(
            .get, base, "listOrganizationMembers", .organization(.organizationRead), .organizationMember, .read(list)),
        Route(
            .post, base, "createOrganizationMember", .organization(.organizationWrite), .organizationMember,
            .write(create)),
        Route(
            .post, base + ":batchCreate", "batchCreateOrganizationMembers", .organization(.organizationWrite),
            .organizationMember, .write(createBatch)),
        Route(.get, one, "getOrganizationMember", .organization(.organizationRead), .organizationMember, .read(get)),
        Route(
            .patch, one, "updateOrganizationMember", .organization(.organizationWrite), .organizationMember,
            .write(update)),
        Route(
            .delete, one, "deleteOrganizationMember", .organization(.organizationWrite), .organizationMember,
            .write(delete)),
    ]

    @Sendable static func list(_ call: ReadCall) throws(Failure) -> Reply {
        let page = try PageToken.request(call.call, filters: "organization members \(call.organization.hex)")
        let after = page.position.flatMap { position in
            MemberID(bytes: position.identifier).map {
                TimePosition(at: Timestamp(microseconds: position.number), id: $0)
            }
        }
        let members = try call.reader.members(of: call.organization, after: after, limit: page.size + 1)
        return page.reply(call.call, members) {
            PagePosition(number: $0.createdAt.microseconds, identifier: $0.id.bytes)
        } _: {
            $0.write(to: &$1)
        }
    }

    @Sendable static func create(_ call: WriteCall) throws(Failure) -> Reply {
        let placed = try refusing { () throws(Refusal) in try OrganizationMemberDraft.single(call.body) }
        return reply(try call.act.addMember(placed.draft, to: call.organization, at: placed.pointer))
    }

    @Sendable static func createBatch(_ call: WriteCall) throws(Failure) -> Reply {
        let drafts = try refusing { () throws(Refusal) in try OrganizationMemberDraft.batch(call.body) }
        let members = try drafts.map { (placed) throws(Failure) in
            try call.act.addMember(placed.draft, to: call.organization, at: placed.pointer)
        }
        return .resource { writer, _ in
            writer.beginArray()
            for member in members { member.write(to: &writer) }
            writer.endArray()
        }
    }

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        guard let member = try call.reader.member(call.path.hex("member_id") as MemberID, of: call.organization) else {
            throw .refused(.organizationNotFound, "member not found")
        }
        return .found(version: member.version) { member.write(to: &$0) }
    }

    @Sendable static func update(_ call: WriteCall) throws(Failure) -> Reply {
        let change = try refusing { () throws(Refusal) in try OrganizationMemberChange(call.body) }
        return reply(try call.act.changeMember(call.path.hex("member_id"), of: call.organization, to: change))
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        let id: MemberID = call.path.hex("member_id")
        try call.act.removeMember(id, of: call.organization)
        return .deleted(.ok, id: id.hex)
    }

    private static func reply(_ member: OrganizationMember) -> Reply {
        .resource(version: member.version) { writer, _ in member.write(to: &writer) }
    }
}
