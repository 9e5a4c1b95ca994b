package import Primitives

package enum AccessRequestTag {}
package typealias AccessRequestID = Identifier<AccessRequestTag>

/// One row of the log of logins (contract 20 §19).
package struct AccessRequest: Sendable, Equatable {
    package enum Action: String, Sendable, CaseIterable {
        case login, logout
        case oauthAuthorize = "oauth_authorize"
        case oauthRefresh = "oauth_refresh"
        case serviceAuth = "service_auth"
        /// Somebody signed in here for an account at the other end of a bridge.
        case bridge
    }

    package var action: Action
    package var isAllowed: Bool
    package var application: LoggedApplication?
    package var connection = ""
    package var provider: IdentityProviderID?
    package var country = ""
    package var address: String
    /// The request's ray.
    package var ray: String
    package var email = ""
    package var user: AccessUserID?
    package var policy: PolicyID?
    package var reason = ""
    package var purpose = ""
    package var clientID = ""
    package var clientName = ""

    /// `reason` of somebody refused where a service that the rules ask gave no answer that counts.
    package static let withoutEvaluation = "external_evaluation"

    package init(_ action: Action, isAllowed: Bool, address: String, ray: String) {
        self.action = action
        self.isAllowed = isAllowed
        self.address = address
        self.ray = ray
    }
}

/// An application as the log keeps it.
package struct LoggedApplication: Sendable, Equatable {
    package let id: [UInt8]
    package let domain: String
    package let type: String

    /// One that the log kept.
    package init(id: [UInt8], domain: String, type: String) {
        self.id = id
        self.domain = domain
        self.type = type
    }

    package init(_ application: ApplicationID, domain: String, type: ApplicationType) {
        id = application.bytes
        self.domain = domain
        self.type = type.rawValue
    }

    /// The hidden application of a bridge.
    package init(bridge: BridgeApplicationID, domain: String) {
        id = bridge.bytes
        self.domain = domain
        type = "bridge"
    }
}
