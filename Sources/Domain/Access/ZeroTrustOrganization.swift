package import Primitives

/// The Access settings of an account. Its team name makes the host of its login pages and the issuer of its tokens.
package struct ZeroTrustOrganization: Sendable, Equatable {
    package let account: AccountID
    package let team: String
    package let name: String
    /// Every member without a property of its own.
    package let document: JSONText
    package let createdAt: Timestamp
    package let updatedAt: Timestamp
    package let version: Int

    /// How long nobody else can take a team name that was given up. Its host answers 410 meanwhile.
    package static let retirement = Duration.seconds(30 * 86_400)

    package init(
        account: AccountID, team: String, name: String, document: JSONText, createdAt: Timestamp, updatedAt: Timestamp,
        version: Int
    ) {
        self.account = account
        self.team = team
        self.name = name
        self.document = document
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
    }

    /// `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`
    package static func isTeam(_ text: some StringProtocol) -> Bool {
        let bytes = Array(text.utf8)
        return (1...63).contains(bytes.count) && bytes.first != UInt8(ascii: "-") && bytes.last != UInt8(ascii: "-")
            && bytes.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "-")
            }
    }
}

/// What a caller asks for when creating or replacing a Zero Trust organization.
package struct ZeroTrustOrganizationDraft: Sendable, Equatable {
    package let team: String
    package let name: String
    package let document: JSONText
    /// Pages that it names, with the member that does.
    package let customPages: [NamedPage]

    package struct NamedPage: Sendable, Equatable {
        package let type: CustomPageType
        package let id: CustomPageID

        package init(type: CustomPageType, id: CustomPageID) {
            self.type = type
            self.id = id
        }
    }

    package init(team: String, name: String, document: JSONText, customPages: [NamedPage]) {
        self.team = team
        self.name = name
        self.document = document
        self.customPages = customPages
    }
}
