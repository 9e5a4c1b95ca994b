package import Primitives

/// A request as policies see it: who sent it, from where, and with which credentials.
package struct Visitor: Sendable {
    /// Absent before login and for machines.
    package var identity: Identity?
    /// Absent when only the person is known and not a request.
    package var address: IPAddress?
    /// ISO 3166-1 alpha-2 in capitals, from a trusted proxy.
    package var country: String?
    /// A service token of the account that has authenticated.
    package var serviceToken: ServiceTokenID?
    /// A client certificate that a trusted proxy has verified.
    package var certificate: ClientCertificate?
    /// Applications of which the request brings a valid token.
    package var linkedApplications: Set<ApplicationID> = []
    /// The stored risk level of the user.
    package var riskScore = "unscored"
    /// Accounts of this server whose member the person is.
    package var memberships: Set<AccountID> = []

    /// Whether a request to the application is judged. Where somebody is judged apart from one, as at consent to a program and
    /// when it renews its token, nobody knows what the program's requests will bring: rules about client certificates and about
    /// tokens of other applications cannot be evaluated then.
    package var isAtApplication = true

    package init(identity: Identity? = nil, address: IPAddress?, country: String? = nil) {
        self.identity = identity
        self.address = address
        self.country = country
    }
}

/// What a trusted proxy says of a client certificate.
package struct ClientCertificate: Sendable, Equatable {
    /// Absent when the certificate has none.
    package let commonName: String?

    package init(commonName: String?) { self.commonName = commonName }
}
