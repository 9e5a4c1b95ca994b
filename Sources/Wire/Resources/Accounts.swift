package import Domain
package import JSON
import Primitives

/// Accounts on the wire (contract 20 §2).
extension AccountDraft {
    package static let fields: [Field] = [
        Field("name", .accountName, .required),
        Field("type", .oneOf(Account.Kind.allCases.map(\.rawValue)), default: "standard"),
        Field("unit", .object([Field("id", .hexIdentifier, .required)])),
        Field("standalone", .bool),
    ]

    package init(_ value: JSONValue) throws(Refusal) {
        guard let object = value.objectValue else {
            throw Refusal(.accountInvalid, "the body must be a JSON object", at: "")
        }
        var problems: [FieldProblem] = []
        let members = Self.fields.normalize(object, at: "", &problems)
        let unit: OrganizationID? = members["unit"]?["id"]?.stringValue.flatMap { Identifier(hex: $0) }
        switch members["standalone"]?.boolValue {
        case nil: break
        case false?: problems.append(FieldProblem("/standalone", "must be true: leave it out otherwise"))
        case true? where members.contains("unit"):
            problems.append(
                FieldProblem("/standalone", "excludes unit: an account is in an organization or on its own"))
        case true?: break
        }
        try Body.refuse(problems, as: .accountInvalid)
        self.init(
            name: members["name"]?.stringValue ?? "",
            kind: members["type"]?.stringValue.flatMap { Account.Kind(rawValue: $0) } ?? .standard,
            place: unit.map(Place.organization) ?? (members["standalone"]?.boolValue == true ? .standalone : .unsaid))
    }
}

extension AccountChange {
    package static let fields: [Field] = [
        Field("id", .hexIdentifier, .required),
        Field("name", .accountName, .required),
        Field("type", .oneOf(Account.Kind.allCases.map(\.rawValue)), .required),
        Field(
            "settings",
            .object([Field("abuse_contact_email", .email), Field("enforce_twofactor", .bool, default: false)])),
    ]

    /// - Parameter id: the account of the path, which the body must name again.
    package init(_ value: JSONValue, of id: AccountID) throws(Refusal) {
        guard let object = value.objectValue else {
            throw Refusal(.accountInvalid, "the body must be a JSON object", at: "")
        }
        var problems: [FieldProblem] = []
        let members = Self.fields.normalize(object, at: "", &problems)
        if let named = object["id"]?.stringValue, AccountID(hex: named) != nil, named != id.hex {
            problems.append(FieldProblem("/id", "must be the id of the path"))
        }
        try Body.refuse(problems, as: .accountInvalid)
        self.init(
            id: id, name: members["name"]?.stringValue ?? "",
            kind: members["type"]?.stringValue.flatMap { Account.Kind(rawValue: $0) } ?? .standard,
            settings: Account.Settings(
                abuseContactEmail: members["settings"]?["abuse_contact_email"]?.stringValue,
                enforcesTwoFactor: members["settings"]?["enforce_twofactor"]?.boolValue ?? false))
    }
}

/// The body of a move: which accounts, and whereto. `null` and the empty text mean out of any organization.
package struct AccountMoveDraft: Sendable, Equatable {
    package let accounts: [AccountID]
    package let destination: OrganizationID?

    /// - Parameter account: the account of the path, or `nil` for a batch that lists accounts itself.
    package init(_ value: JSONValue, of account: AccountID?) throws(Refusal) {
        guard let object = value.objectValue else {
            throw Refusal(.accountInvalid, "the body must be a JSON object", at: "")
        }
        var problems: [FieldProblem] = []
        destination = Self.destination(object["destination_organization_id"], &problems)
        if let account {
            accounts = [account]
        } else {
            let fields = [Field("account_ids", .array(.hexIdentifier, count: 1...100), .required)]
            let texts = fields.normalize(object, at: "", &problems)["account_ids"]?.arrayValue ?? []
            accounts = texts.compactMap { $0.stringValue.flatMap { AccountID(hex: $0) } }
            var seen: Set<AccountID> = []
            for (position, id) in accounts.enumerated() where !seen.insert(id).inserted {
                problems.append(FieldProblem("/account_ids/\(position)", "is listed twice"))
            }
        }
        try Body.refuse(problems, as: .accountInvalid)
    }

    private static func destination(_ value: JSONValue?, _ problems: inout [FieldProblem]) -> OrganizationID? {
        let pointer = "/destination_organization_id"
        guard let value else {
            problems.append(FieldProblem(pointer, "is required: null takes the account out of its organization"))
            return nil
        }
        if value.isNull || value.stringValue == "" { return nil }
        let normalized = Shape.hexIdentifier.normalize(value, at: pointer, &problems)
        return normalized.stringValue.flatMap { OrganizationID(hex: $0) }
    }
}

extension Account {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", hex: id)
        writer.member("name", name)
        writer.member("type", kind.rawValue)
        writer.member("created_on", time: createdAt)
        writer.key("settings")
        writer.beginObject()
        writer.member("abuse_contact_email", settings.abuseContactEmail)
        writer.member("enforce_twofactor", settings.enforcesTwoFactor)
        writer.endObject()
        if let owner {
            writer.key("managed_by")
            writer.beginObject()
            writer.member("parent_org_id", hex: owner.id)
            writer.member("parent_org_name", owner.name)
            writer.endObject()
        }
        writer.endObject()
    }
}

extension AccountMove {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("account_id", hex: account)
        writer.member("source_organization_id", hex: source)
        writer.member("destination_organization_id", hex: destination)
        writer.endObject()
    }
}
