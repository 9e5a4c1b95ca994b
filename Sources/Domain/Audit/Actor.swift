/// Who did something, as the audit log names them.
package struct Actor: Sendable, Equatable {
    package enum Kind: String, Sendable { case user, account, system }
    package enum Context: String, Sendable {
        case apiToken = "api_token"
        case api, dash, oauth
    }

    package let kind: Kind
    package let id: UserID?
    package let email: String?
    package let context: Context
    package let token: Principal.Token?

    package init(kind: Kind, id: UserID?, email: String?, context: Context, token: Principal.Token?) {
        self.kind = kind
        self.id = id
        self.email = email
        self.context = context
        self.token = token
    }

    package init(_ principal: Principal, context: Context? = nil) {
        kind = principal.token?.account == nil ? .user : .account
        id = principal.user
        email = principal.email
        self.context = context ?? (principal.agent != nil ? .oauth : principal.token == nil ? .api : .apiToken)
        token = principal.agent?.credential ?? principal.token
    }

    /// The program that acted for the person, taken out of the name of its credential.
    package var agent: (clientID: String, name: String)? {
        guard context == .oauth, let text = token?.name, text.hasSuffix(">"),
            let mark = text.lastIndex(of: "<"), mark > text.startIndex, text[text.index(before: mark)] == " "
        else { return nil }
        return (String(text[text.index(after: mark)...].dropLast()), String(text[..<text.index(before: mark)]))
    }

    /// The server itself: expiry, rotation by schedule, drift that appeared.
    package static let system = Actor(kind: .system, id: nil, email: nil, context: .api, token: nil)
}
