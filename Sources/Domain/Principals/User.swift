package import Primitives

/// A person with a name towards the API: known by an e-mail address, compared without regard to ASCII case.
package struct User: Sendable, Equatable {
    package let id: UserID
    package let email: String
    package let firstName: String?
    package let lastName: String?
    package let createdAt: Timestamp

    package init(id: UserID, email: String, firstName: String?, lastName: String?, createdAt: Timestamp) {
        self.id = id
        self.email = email
        self.firstName = firstName
        self.lastName = lastName
        self.createdAt = createdAt
    }

    /// First and last name, or what there is of them.
    package var fullName: String { [firstName, lastName].compactMap(\.self).joined(separator: " ") }
}
