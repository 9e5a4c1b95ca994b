package import Domain
package import Primitives
import Store

/// A request to an application, as the proxy in front of it describes it (contract 40 §8).
package struct GateRequest: Sendable {
    package let address: IPAddress
    /// From a trusted proxy, or empty.
    package let country: String
    package let certificate: ClientCertificate?
    /// Values of `CF_Authorization`, in the order sent.
    package let cookies: [String]
    /// The value of `CF_Binding`.
    package let binding: String?
    package let service: ServiceCredential
    /// Tokens in `Cf-Access-Token`: of the application itself, or of one that is linked to it.
    package let presented: [String]
    /// The token in `Authorization`, where it has the form of one: counts as linked only.
    package let bearer: String?
    /// The request's identity in logs.
    package let ray: UInt64

    package init(
        address: IPAddress, country: String = "", certificate: ClientCertificate? = nil, cookies: [String] = [],
        binding: String? = nil, service: ServiceCredential = .absent, presented: [String] = [], bearer: String? = nil,
        ray: UInt64 = 0
    ) {
        self.address = address
        self.country = country
        self.certificate = certificate
        self.cookies = cookies
        self.binding = binding
        self.service = service
        self.presented = presented
        self.bearer = bearer
        self.ray = ray
    }
}

/// Who guards a path of a host.
package enum Guardian: Sendable {
    case application(GuardedApplication, PublicDestination)
    /// Everybody may pass: a public path of an application, or a host that an account leaves open.
    case nobody
    /// No application guards it, and that is a reason to refuse.
    case unknown
}

/// What the gate says.
package enum GateVerdict: Sendable {
    /// Go on, with an identity for the application.
    case pass(GatePass)
    /// Go on, and the answer brings a session for a service token: ``Gatekeeper/admit(_:)`` makes it.
    case admit(ServiceAdmission)
    /// Go on, nobody is asked who they are.
    case open
    /// The account has no signing key yet: make it, then ask again.
    case keyNeeded(AccountID)
    /// There is no good credential, and a login could get one.
    case loginNeeded
    /// There is no good credential, and only machines are let in.
    case serviceNeeded
    /// Known, and not admitted.
    case denied(email: String)
    /// A machine that is known, and not admitted.
    case deniedWithoutIdentity
    /// The service token is no good.
    case badServiceToken(ServiceTokenFault)
}

/// What the application learns of an admitted request.
package struct GatePass: Sendable {
    package let application: GuardedApplication
    /// The token for `Cf-Access-Jwt-Assertion`. Empty for somebody admitted without any credential.
    package let assertion: String
    /// Empty for machines.
    package let email: String
    package let user: AccessUserID?
    /// A cookie for the client.
    package var cookie: IssuedCookie?
}

/// A service token that is admitted and gets a session.
package struct ServiceAdmission: Sendable {
    package let application: GuardedApplication
    package let token: ServiceTokenID
    package let client: ServiceTokenClientID
    package let policy: PolicyID
}
