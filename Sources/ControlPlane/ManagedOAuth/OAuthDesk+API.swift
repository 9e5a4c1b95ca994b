import Domain
import HTTP
import OAuth
import Primitives
package import Store

/// The authorization server of the control plane's own API: it answers under the public URL, and its people sign in at the
/// team of the account that their organization's primary identity provider is in.
extension OAuthDesk {
    /// The parameter in which somebody says which team is theirs, where a server has several.
    package static let teamParameter = "orgd_team"

    /// `nil` while no organization has a primary identity provider: nobody could sign in.
    package func apiIssuer() throws(Failure) -> OAuthIssuer? {
        guard try !teamsOfAPI().isEmpty else { return nil }
        return OAuthIssuer(text: plane.settings.publicURL, place: .server)
    }

    /// The teams at which people of the API sign in.
    package func teamsOfAPI() throws(Failure) -> [TeamSettings] {
        var teams: [TeamSettings] = []
        for account in try desk.tokens.primaryTrust(in: desk.reader).accounts {
            if let team = try desk.team(of: account) { teams.append(team) }
        }
        return teams
    }

    /// What a URL below the well-known path describes (RFC 9728 §3): the API, or the origin that it fills; `nil` for any
    /// other path.
    package func apiResource(suffix: String) -> String? {
        let resource = plane.settings.publicURL + suffix
        guard let indicator = ResourceIndicator(resource), isAPI(indicator) else { return nil }
        return resource
    }

    /// Whether a resource indicator means the API: its path, one below it, or the whole origin.
    func isAPI(_ resource: ResourceIndicator) -> Bool {
        guard let api = WebAddress(plane.settings.publicURL), resource.address.origin == api.origin,
            resource.address.query == nil, let path = RequestPath.canonical(resource.address.path)
        else { return false }
        return path == "/" || path == APITarget.path || path.hasPrefix(APITarget.path + "/")
    }

    func apiTarget(at team: TeamSettings) throws(Failure) -> OAuthTarget {
        .api(APITarget(team: team, organizations: try desk.tokens.primaryTrust(in: desk.reader).organizations))
    }
}

extension Reading {
    func apiTarget(at team: TeamSettings) throws(Failure) -> OAuthTarget {
        .api(APITarget(team: team, organizations: PrimaryTrust(try primaryIssuers()).organizations))
    }

    /// The client of a request to an issuer.
    ///
    /// - Parameter holder: whose code or token is presented. It tells where a client belongs that has no row of its own at
    ///   the server: one with a document.
    func oauthClient(
        _ clientID: String, at issuer: OAuthIssuer, holder: ManagedClientID?, now: Timestamp
    ) throws(Failure) -> ManagedClient? {
        if let known = try managedClient(clientID, in: issuer.account, at: now) { return known }
        guard issuer.account == nil, let holder, let client = try managedClient(holder), client.kind == .document,
            client.clientID.utf8.elementsEqual(clientID.utf8)
        else { return nil }
        return client
    }
}
