import Domain
import Store

/// What most pages begin with.
extension PageCall {
    /// The account of the path.
    func account() throws(Failure) -> Account { try reader.existing(view.account) }

    /// The organization of the path.
    func organization() throws(Failure) -> Organization { try reader.existing(view.organization) }
}

extension FormCall {
    /// The account of the path.
    func place() throws(Failure) -> Account { try reader.existing(account) }
}

extension Reading {
    func existing(_ id: AccountID) throws(Failure) -> Account {
        guard let account = try account(id) else { throw .refused(.accountNotFound, "account not found") }
        return account
    }

    func existing(_ id: OrganizationID) throws(Failure) -> Organization {
        guard let organization = try organization(id) else {
            throw .refused(.organizationNotFound, "organization not found")
        }
        return organization
    }
}
