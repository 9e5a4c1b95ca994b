/// Where a collection of resources lives.
package enum Place: Sendable, Hashable {
    case root
    case account(String)
    case organization(String)
    case user

    package var path: APIPath {
        switch self {
        case .root: APIPath()
        case .account(let id): APIPath("accounts", id)
        case .organization(let id): APIPath("organizations", id)
        case .user: APIPath("user")
        }
    }
}
