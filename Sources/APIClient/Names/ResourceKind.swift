package import JSON

/// A collection of the API: where it is, how it pages and what its resources are called.
package struct ResourceKind: Sendable, Hashable {
    /// How an identifier is written.
    package enum Shape: Sendable {
        case hex, uuid
        /// The name is the identifier.
        case name
    }

    /// Singular, for sentences: `application`.
    package let title: String
    package let plural: String
    /// Below the place.
    package let segments: [String]
    package let paging: Paging
    package let shape: Shape
    /// The member that identifies one in a path.
    package let idKey: String
    /// Members any of which may serve as its name, each a path into the resource.
    package let nameKeys: [[String]]
    /// The query parameter that narrows the list to a name, if the server has one that keeps every exact match.
    package let nameFilter: String?
    /// What tells two of the same name apart.
    package let detailKeys: [[String]]

    package init(
        _ title: String, plural: String? = nil, _ path: String, paging: Paging = .page, shape: Shape = .uuid,
        idKey: String = "id", nameKeys: [[String]] = [["name"]], nameFilter: String? = nil, detailKeys: [[String]] = []
    ) {
        self.title = title
        self.plural = plural ?? title + "s"
        segments = path.split(separator: "/").map(String.init)
        self.paging = paging
        self.shape = shape
        self.idKey = idKey
        self.nameKeys = nameKeys
        self.nameFilter = nameFilter
        self.detailKeys = detailKeys
    }

    /// `an application`, `a user`.
    package var withArticle: String {
        let isVowel = title.lowercased().first.map { "aeio".contains($0) } ?? false
        return (isVowel ? "an " : "a ") + title
    }

    package func path(in place: Place) -> APIPath { place.path.appending(segments) }

    /// Whether the text can only be an identifier.
    package func isIdentifier(_ text: String) -> Bool {
        switch shape {
        case .hex: Self.isHex(text, count: 32)
        case .uuid: Self.isUUID(text)
        case .name: true
        }
    }

    /// All names under which `resource` is known.
    package func names(of resource: JSONValue) -> [String] {
        nameKeys.compactMap { resource.at($0)?.stringValue }.filter { !$0.isEmpty }
    }

    package static func isHex(_ text: String, count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }

    package static func isUUID(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.utf8.count) == [8, 4, 4, 4, 12]
            && parts.allSatisfy { isHex(String($0), count: $0.utf8.count) }
    }
}

extension JSONValue {
    /// The value at a path of object members.
    package func at(_ keys: [String]) -> JSONValue? {
        var value: JSONValue? = self
        for key in keys { value = value?[key] }
        return value
    }
}

extension ResourceKind {
    package static let organization = ResourceKind(
        "organization", "organizations", paging: .pageToken, shape: .hex, nameFilter: "name.contains",
        detailKeys: [["parent", "name"]])
    package static let account = ResourceKind(
        "account", "accounts", shape: .hex, nameFilter: "name", detailKeys: [["managed_by", "parent_org_name"]])
    /// The accounts of an organization and its descendants.
    package static let organizationAccount = ResourceKind(
        "account", "accounts", paging: .pageToken, shape: .hex, nameFilter: "name.contains",
        detailKeys: [["managed_by", "parent_org_name"]])
    package static let member = ResourceKind(
        "member", "members", shape: .hex, nameKeys: [["email"], ["user", "email"]], detailKeys: [["status"]])
    package static let organizationMember = ResourceKind(
        "organization member", "members", paging: .pageToken, shape: .hex, nameKeys: [["user", "email"]],
        detailKeys: [["status"]])
    package static let role = ResourceKind("role", "roles", shape: .hex)
    package static let token = ResourceKind("API token", "tokens", shape: .hex, detailKeys: [["status"]])
    package static let permissionGroup = ResourceKind(
        "permission group", "tokens/permission_groups", paging: .single, shape: .hex)
    package static let identityProvider = ResourceKind(
        "identity provider", "access/identity_providers", detailKeys: [["type"]])
    package static let grant = ResourceKind(
        "federation grant", "access/idp_federation_grants", paging: .single, nameKeys: [])
    package static let share = ResourceKind("share", "shares", shape: .hex, detailKeys: [["kind"]])
    package static let app = ResourceKind(
        "application", "access/apps", nameKeys: [["name"], ["domain"], ["aud"]], detailKeys: [["domain"], ["type"]])
    package static let policy = ResourceKind(
        "policy", plural: "policies", "access/policies", detailKeys: [["decision"]])
    package static let group = ResourceKind("group", "access/groups")
    package static let tag = ResourceKind("tag", "access/tags", shape: .name, idKey: "name")
    package static let customPage = ResourceKind(
        "custom page", "access/custom_pages", idKey: "uid", detailKeys: [["type"]])
    package static let serviceToken = ResourceKind(
        "service token", "access/service_tokens", nameKeys: [["name"], ["client_id"]], detailKeys: [["client_id"]])
    package static let user = ResourceKind(
        "user", "access/users", nameKeys: [["email"], ["name"]], detailKeys: [["email"]])
}
