package import Domain
package import Primitives

/// A request to an application, as the proxy in front of it describes it (contract 40 §8).
package struct GateRequest: Sendable {
    /// Lowercase, without a port.
    package let host: String
    /// Decoded and free of dot segments.
    package let path: String
    package let address: IPAddress
    /// From a trusted proxy, or empty.
    package let country: String
    package let certificate: ClientCertificate?
    /// Values of `CF_Authorization`, in the order sent.
    package let tokens: [String]
    /// The value of `CF_Binding`.
    package let binding: String?
    package let service: ServiceCredential

    package init(
        host: String, path: String, address: IPAddress, country: String = "", certificate: ClientCertificate? = nil,
        tokens: [String] = [], binding: String? = nil, service: ServiceCredential = .absent
    ) {
        self.host = host
        self.path = path
        self.address = address
        self.country = country
        self.certificate = certificate
        self.tokens = tokens
        self.binding = binding
        self.service = service
    }
}

/// A service token's pair as a request brings it.
package enum ServiceCredential: Sendable {
    case absent
    /// Incomplete, repeated, or in two forms at once.
    case malformed
    case pair(ServiceTokenClientID, secret: Secret<String>)
}

/// What the gate says.
package enum GateVerdict: Sendable {
    /// Go on, with an identity for the application.
    case pass(GatePass)
    /// Go on, nobody is asked who they are.
    case open
    /// No application guards the host, and that is a reason to refuse.
    case unknownHost
    /// There is no good credential, and a login could get one.
    case loginNeeded(GuardedApplication)
    /// There is no good credential, and only machines are let in.
    case serviceNeeded(GuardedApplication)
    /// Known, and not admitted.
    case denied(GuardedApplication, email: String)
    /// The rules that do not ask for an identity say no.
    case deniedWithoutIdentity(GuardedApplication)
    /// The service token is no good.
    case badServiceToken(GuardedApplication)
}

/// What the application learns of an admitted request.
package struct GatePass: Sendable {
    package let application: GuardedApplication
    /// The token for `Cf-Access-Jwt-Assertion`.
    package let assertion: String
    /// Empty for machines.
    package let email: String
    package let user: AccessUserID?
}
