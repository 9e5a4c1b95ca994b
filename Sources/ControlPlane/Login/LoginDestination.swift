package import Domain
import JSON
import Primitives

/// Where somebody goes once they have signed in.
package enum LoginDestination: Sendable, Equatable {
    /// A path of the team's own host, such as the App Launcher.
    case local(String)
    case application(ApplicationReturn)
    /// Back to the account at the other end of a bridge.
    case bridge(BridgeReturn)
}

/// The way back to an application.
package struct ApplicationReturn: Sendable, Equatable {
    package let application: ApplicationID
    /// The host that was asked for, with its port if it has one.
    package let host: String
    /// Path and query.
    package let path: String
    /// SHA-256 of the cookie `CF_AppSession`, in base64url.
    package let appSession: String

    package init(application: ApplicationID, host: String, path: String, appSession: String) {
        self.application = application
        self.host = host
        self.path = path
        self.appSession = appSession
    }
}

/// The way back to a recipient account (contract 30 §5).
package struct BridgeReturn: Sendable, Equatable {
    package let grant: GrantID
    package let recipient: AccountID
    package let connection: IdentityProviderID
    /// `state` of the recipient.
    package let state: String
    package let challenge: String
}

extension LoginDestination {
    var json: JSONValue {
        switch self {
        case .local(let path): ["local": .string(path)]
        case .application(let way):
            [
                "app": .string(way.application.uuid), "host": .string(way.host), "path": .string(way.path),
                "session": .string(way.appSession),
            ]
        case .bridge(let way):
            [
                "grant": .string(way.grant.uuid), "recipient": .string(way.recipient.hex),
                "connection": .string(way.connection.uuid), "state": .string(way.state),
                "challenge": .string(way.challenge),
            ]
        }
    }

    init?(_ value: JSONValue) {
        func text(_ key: String) -> String? { value[key]?.stringValue }
        if let path = text("local") {
            self = .local(path)
        } else if let id = text("app").flatMap({ ApplicationID(uuid: $0) }), let host = text("host"),
            let path = text("path"), let session = text("session")
        {
            self = .application(ApplicationReturn(application: id, host: host, path: path, appSession: session))
        } else if let grant = text("grant").flatMap({ GrantID(uuid: $0) }),
            let recipient = text("recipient").flatMap({ AccountID(hex: $0) }),
            let connection = text("connection").flatMap({ IdentityProviderID(uuid: $0) }), let state = text("state"),
            let challenge = text("challenge")
        {
            self = .bridge(
                BridgeReturn(
                    grant: grant, recipient: recipient, connection: connection, state: state, challenge: challenge))
        } else {
            return nil
        }
    }
}

/// Paths that a browser may be sent to within a host: they begin with one slash and cannot be read as another host.
package enum LocalPath {
    package static func isSafe(_ path: String) -> Bool {
        let bytes = path.utf8
        guard bytes.first == UInt8(ascii: "/"), bytes.count <= 8192 else { return false }
        guard bytes.dropFirst().first != UInt8(ascii: "/") else { return false }
        return bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }
    }
}
