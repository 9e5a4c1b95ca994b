package import JSON

/// One step from what the server has to what the document says.
package struct ConfigChange: Sendable, Equatable {
    package enum Action: String, Sendable, CaseIterable { case create, update, delete }

    /// What is changed.
    package enum Subject: Sendable, Equatable {
        case organization
        case account
        case zeroTrust
        case keys
        case grant
        case primary
        /// A resource of a section, by the section's member.
        case resource(String)
    }

    package let action: Action
    package let subject: Subject
    /// The key of the account; empty for the organization and its primary IdP.
    package let account: String
    /// The key of the resource; empty where there is one.
    package let key: String
    /// What the document says; for deletions nothing.
    package let document: JSONValue
    /// Why it is an update.
    package let differences: [FieldDifference]
    /// The identifier of what exists.
    package let identifier: String?

    init(
        _ action: Action, _ subject: Subject, account: String = "", key: String = "", document: JSONValue = .null,
        differences: [FieldDifference] = [], identifier: String? = nil
    ) {
        self.action = action
        self.subject = subject
        self.account = account
        self.key = key
        self.document = document
        self.differences = differences
        self.identifier = identifier
    }

    package static func == (one: Self, other: Self) -> Bool {
        one.action == other.action && one.subject == other.subject && one.account == other.account
            && one.key == other.key
            && one.document == other.document && one.differences == other.differences
            && one.identifier == other.identifier
    }
}

extension ConfigChange {
    /// `EMEA / application "wiki"`.
    package var title: String {
        switch subject {
        case .organization: "organization \"\(key)\""
        case .primary: "primary identity provider"
        case .account: "account \"\(account)\""
        case .zeroTrust: "\(account) / Zero Trust organization"
        case .keys: "\(account) / signing keys"
        case .grant: "\(account) / federation grant of \"\(key)\""
        case .resource(let member):
            "\(account) / \(ConfigKind.all.first { $0.member == member }?.resource.title ?? member) \"\(key)\""
        }
    }
}
