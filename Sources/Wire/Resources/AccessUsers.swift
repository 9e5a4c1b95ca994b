package import Domain
package import JSON
import Primitives

/// Access users and their seats on the wire (contract 20 §16, §17).
extension AccessUserDraft {
    package static let fields: [Field] = [
        Field("email", .email, .required), Field("name", .text(0...255), default: ""),
    ]

    package init(_ value: JSONValue) throws(Refusal) {
        let body = try Body(value, as: Self.fields, orRefuse: .accessInvalidRequest)
        self.init(email: body.text("email", or: ""), name: body.text("name", or: ""))
    }
}

extension AccessUser {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", uuid: id)
        writer.member("uid", uuid: id)
        writer.member("seat_uid", uuid: seat)
        writer.member("email", email)
        writer.member("name", name)
        writer.member("access_seat", hasAccessSeat)
        writer.member("gateway_seat", hasGatewaySeat)
        // Devices are not enrolled with this server.
        writer.member("active_device_count", 0)
        writer.member("last_successful_login", time: lastSuccessfulLogin)
        writer.member("created_at", time: createdAt)
        writer.member("updated_at", time: updatedAt)
        writer.endObject()
    }

    package func writeSeat(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("seat_uid", uuid: seat)
        writer.member("access_seat", hasAccessSeat)
        writer.member("gateway_seat", hasGatewaySeat)
        writer.member("created_at", time: createdAt)
        writer.member("updated_at", time: updatedAt)
        writer.endObject()
    }
}

extension SeatChange {
    package static let fields: [Field] = [
        Field("seat_uid", .uuid, .required), Field("access_seat", .bool, .required),
        Field("gateway_seat", .bool, .required),
    ]

    /// The changes of a body, which is an array.
    package static func changes(in value: JSONValue) throws(Refusal) -> [SeatChange] {
        var problems: [FieldProblem] = []
        let shape = Shape.array(.object(fields), count: 1...1000)
        let items = shape.normalize(value, at: "", &problems).arrayValue ?? []
        try Body.refuse(problems, as: .accessInvalidRequest)
        return items.compactMap { item in
            let body = Body(normalized: item.objectValue ?? JSONObject())
            guard let seat: SeatID = body.uuid("seat_uid") else { return nil }
            return SeatChange(
                seat: seat, hasAccessSeat: body.bool("access_seat"), hasGatewaySeat: body.bool("gateway_seat"))
        }
    }
}

/// Who is to lose every session (contract 20 §4, `revoke_user`).
package struct UserRevocation: Sendable, Equatable {
    package let email: String

    package static let fields: [Field] = [
        Field("email", .email, .required), Field("user_uid", .uuid), Field("devices", .bool),
        Field("warp_session_reauth", .bool),
    ]

    package init(_ value: JSONValue) throws(Refusal) {
        email = try Body(value, as: Self.fields, orRefuse: .accessInvalidRequest).text("email", or: "")
    }
}
