package import JSON

/// An organization as code: everything that is configured in it, resources named instead of numbered, no secrets.
package struct ConfigDocument: Sendable, Equatable {
    /// The version of this format.
    package static let version = 1

    /// One account.
    package struct Account: Sendable, Equatable {
        /// Its name, made unique among the accounts of the document.
        package var key: String
        package var name: String
        /// `type`, `settings`, and `organization` for an account of a descendant.
        package var settings: JSONObject
        package var zeroTrust: JSONObject?
        package var keys: JSONObject?
        /// The IdPs, by key, that may be shared with other accounts.
        package var grants: [String]?
        /// Resources by section; a section that the file leaves out is not managed by it.
        package var sections: [String: [JSONValue]]
    }

    package var organization: JSONObject
    package var primary: JSONObject?
    package var accounts: [Account]

    package var name: String { organization["name"]?.stringValue ?? "" }

    package init(organization: JSONObject, primary: JSONObject?, accounts: [Account]) {
        self.organization = organization
        self.primary = primary
        self.accounts = accounts
    }

    /// - Throws: ``ClientError/invalidInput(_:)`` with the place of what is wrong.
    package init(json text: String) throws(ClientError) {
        let value: JSONValue
        do {
            value = try JSONParser.parse(text, limits: JSONLimits(maxDepth: 64))
        } catch {
            throw .invalidInput("the file is not JSON: \(error.kind) at byte \(error.offset)")
        }
        try self.init(value)
    }

    package init(_ value: JSONValue) throws(ClientError) {
        guard let document = value.objectValue else { throw .invalidInput("the file is no JSON object") }
        guard document["version"].map({ $0.integerValue == Int64(Self.version) }) ?? true else {
            throw .invalidInput("/version: this program reads version \(Self.version)")
        }
        try Self.refuseUnknown(document, ["version", "organization", "primary_idp", "accounts"], at: "")
        guard let organization = document["organization"]?.objectValue,
            organization["name"]?.stringValue?.isEmpty == false
        else { throw .invalidInput("/organization/name is missing") }
        try Self.refuseUnknown(organization, ["name", "profile"], at: "/organization")
        self.organization = organization
        switch document["primary_idp"] {
        case nil, .null?: primary = nil
        case .object(let object)?:
            try Self.refuseUnknown(
                object, ["account", "identity_provider", "mode", "exempt_accounts", "break_glass_emails"],
                at: "/primary_idp")
            primary = object
        default: throw .invalidInput("/primary_idp is no object")
        }
        let rows = document["accounts"]?.arrayValue ?? []
        var names: [String] = []
        for (index, row) in rows.enumerated() {
            guard let name = row["name"]?.stringValue, !name.isEmpty else {
                throw .invalidInput("/accounts/\(index)/name is missing")
            }
            names.append(name)
        }
        var accounts: [Account] = []
        for (index, key) in UniqueKeys.keys(of: names).enumerated() {
            accounts.append(try Account(rows[index], key: key, name: names[index], at: "/accounts/\(index)"))
        }
        self.accounts = accounts
    }

    package var json: JSONValue {
        var document: JSONObject = ["version": .integer(Self.version), "organization": .object(organization)]
        document["primary_idp"] = primary.map(JSONValue.object)
        document["accounts"] = .array(accounts.map(\.json))
        return .object(document)
    }

    /// A typing mistake must not read as "not managed".
    static func refuseUnknown(_ object: JSONObject, _ known: [String], at place: String) throws(ClientError) {
        if let key = object.keys.first(where: { !known.contains($0) }) {
            throw .invalidInput("\(place)/\(key) is not known here; known are \(known.joined(separator: ", "))")
        }
    }
}

extension ConfigDocument.Account {
    static let settingKeys = ["type", "settings", "organization"]

    init(_ value: JSONValue, key: String, name: String, at place: String) throws(ClientError) {
        guard let object = value.objectValue else { throw .invalidInput("\(place) is no object") }
        try ConfigDocument.refuseUnknown(
            object,
            ["name"] + Self.settingKeys + ["zero_trust", "keys", "federation_grants"] + ConfigKind.all.map(\.member),
            at: place)
        var settings = JSONObject()
        for key in Self.settingKeys { settings[key] = object[key] }
        var sections: [String: [JSONValue]] = [:]
        for kind in ConfigKind.all {
            guard let section = object[kind.member] else { continue }
            guard let rows = section.arrayValue else { throw .invalidInput("\(place)/\(kind.member) is no list") }
            for (index, row) in rows.enumerated() where row.objectValue == nil {
                throw .invalidInput("\(place)/\(kind.member)/\(index) is no object")
            }
            sections[kind.member] = rows
        }
        self.init(
            key: key, name: name, settings: settings, zeroTrust: object["zero_trust"]?.objectValue,
            keys: object["keys"]?.objectValue,
            grants: object["federation_grants"]?.arrayValue?.compactMap(\.stringValue), sections: sections)
    }

    var json: JSONValue {
        var object: JSONObject = ["name": .string(name)]
        for (key, value) in settings { object[key] = value }
        object["zero_trust"] = zeroTrust.map(JSONValue.object)
        object["keys"] = keys.map(JSONValue.object)
        object["federation_grants"] = grants.map { .array($0.map(JSONValue.string)) }
        for kind in ConfigKind.all {
            object[kind.member] = sections[kind.member].map(JSONValue.array)
        }
        return .object(object)
    }

    /// The resources of a section with their keys.
    func items(of kind: ConfigKind) -> [(key: String, document: JSONValue)] {
        let rows = sections[kind.member] ?? []
        let keys = UniqueKeys.keys(of: rows.map { ConfigKind.name(of: $0, kind.resource) })
        return zip(keys, rows).map { ($0, $1) }
    }
}
