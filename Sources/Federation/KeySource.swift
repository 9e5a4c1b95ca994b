/// Where the keys of an identity provider are found.
package struct KeySource: Sendable {
    package enum Location: Sendable, Hashable {
        /// At this URL.
        case keySet(String)
        /// Where the discovery document of the issuer says (OpenID Connect Discovery 1.0 §4).
        case discovery
    }

    package let location: Location
    /// The configured issuer, or the one that follows from the type.
    package let issuer: String?
    /// An origin whose discovery document may tell the issuer of a provider that is configured without one.
    package let learnsIssuerFrom: String?

    package init(_ location: Location, issuer: String?, learnsIssuerFrom: String? = nil) {
        self.location = location
        self.issuer = issuer
        self.learnsIssuerFrom = learnsIssuerFrom
    }
}

extension KeySource: Equatable {
    /// Whether keys from one may be used for the other. Having learnt an issuer changes nothing about them.
    package static func == (left: Self, right: Self) -> Bool {
        left.location == right.location && left.issuer == right.issuer
    }
}
