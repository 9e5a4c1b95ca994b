package import Primitives

/// What the use cases need to know of the configuration.
package struct Settings: Sendable {
    /// Where users reach the server: scheme, host and port of every absolute URL.
    package let publicURL: String
    /// Suffix of team domains.
    package let accessDomain: String
    /// Accounts that an organization tree may hold.
    package let maxAccounts: Int
    /// Networks that the server may fetch from although they are not public.
    package let allowedNetworks: [CIDR]
    /// Access seats that an account has; `nil` for as many as people come.
    package let accessSeats: Int?

    package init(
        publicURL: String, accessDomain: String, maxAccounts: Int, allowedNetworks: [CIDR], accessSeats: Int? = nil
    ) {
        self.publicURL = publicURL
        self.accessDomain = accessDomain
        self.maxAccounts = maxAccounts
        self.allowedNetworks = allowedNetworks
        self.accessSeats = accessSeats
    }

    /// `https` or `http`, as the public URL has it.
    package var scheme: String { publicURL.hasPrefix("https:") ? "https" : "http" }

    /// `:8787`, or empty where the public URL names no port.
    package var portSuffix: String {
        let authority = publicURL.dropFirst(scheme.count + 3).prefix { $0 != "/" }
        guard let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") else { return "" }
        return String(authority[colon...])
    }

    /// The origin of a team, without a trailing slash: the issuer of its tokens.
    package func teamOrigin(_ team: String) -> String { "\(scheme)://\(team).\(accessDomain)\(portSuffix)" }
}
