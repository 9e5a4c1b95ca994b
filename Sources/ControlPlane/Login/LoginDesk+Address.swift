package import Domain
import Federation
package import HTTP
import JSON
import Primitives
package import Store

/// The way from an application to its team's login page (contract 40 §1, steps 1 and 2).
package struct LoginTicket: Sendable {
    package let application: GuardedApplication
    package let destination: ApplicationReturn
}

extension LoginDesk {
    private static let metaLifetime = Duration.seconds(300)

    /// The address of the login page for a request to an application.
    ///
    /// - Parameters:
    ///   - host: as the browser knows it, with its port if it has one.
    ///   - target: path and query.
    ///   - appSession: SHA-256 of `CF_AppSession` in base64url.
    package func loginAddress(
        for application: GuardedApplication, host: String, target: String, appSession: String, key: TeamKey
    ) throws(Failure) -> String {
        let audience = application.application.audience.hex
        let origin = plane.settings.teamOrigin(application.team.team)
        let now = self.now
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        writer.member("type", "meta")
        writer.member("aud", audience)
        writer.member("hostname", host)
        writer.member("redirect_url", target)
        writer.member("app_session", appSession)
        writer.member("auth_status", "NONE")
        writer.member("service_token_status", false)
        writer.member("is_warp", false)
        writer.member("is_gateway", false)
        writer.member("iat", now.seconds)
        writer.member("nbf", now.seconds)
        writer.member("exp", (now + Self.metaLifetime).seconds)
        writer.member("iss", origin)
        writer.member("kid", key.id.hex)
        writer.endObject()
        var query = QueryString()
        query.append("kid", audience)
        query.append("redirect_url", target)
        query.append("meta", try key.sign(payload: writer.bytes))
        return "\(origin)/cdn-cgi/access/login/\(PercentEncoding.encode(host))?\(query.text)"
    }

    /// What an address of the login page stands for; a fault when it is not one that this server made lately.
    package func ticket(
        host: String, _ query: QueryString, at team: TeamSettings
    ) throws(Failure) -> LoginTicket {
        let invalid = Failure.turnedAway(
            .sessionInvalid, "This sign-in page is out of date. Open the application again.")
        guard let meta = query["meta"], meta.utf8.count <= 16_384, let kid = query["kid"],
            let audience = Audience(hex: kid)
        else { throw invalid }
        let keys = try ownKeys(of: team.account)
        let claims: JSONObject
        do throws(TokenRejection) {
            claims = try tokens.judge.claims(of: Array(meta.utf8), signedBy: keys, at: now)
        } catch { throw invalid }
        guard claims["type"]?.stringValue == "meta", claims["aud"]?.stringValue == kid,
            claims["hostname"]?.stringValue == host, let target = claims["redirect_url"]?.stringValue,
            query["redirect_url"] == nil || query["redirect_url"] == target, LocalPath.isSafe(target),
            let session = claims["app_session"]?.stringValue
        else { throw invalid }
        guard let found = try reader.application(.audience(audience), in: team.account),
            let application = try self.application(found.id, of: team.account),
            let place = try access.place(host: Authority.host(of: host), path: Self.plainPath(target), in: reader),
            place.application == found.id
        else { throw .turnedAway(.appNotFound, "There is no such application here any more.") }
        return LoginTicket(
            application: application,
            destination: ApplicationReturn(application: found.id, host: host, path: target, appSession: session))
    }

    /// The session that the team's cookies stand for: each is tried, the first that is good wins.
    package func session(
        _ cookies: [String], at team: TeamSettings
    ) throws(Failure) -> (session: Session, identity: Identity)? {
        for cookie in cookies.prefix(4) where cookie.utf8.count <= 8192 {
            guard
                let session = try reader.session(teamToken: Self.digest(cookie), in: team.account, at: now),
                team.logins.accepts(session.provider, email: session.email),
                let identity = Identity(document: session.identity)
            else { continue }
            return (session, identity)
        }
        return nil
    }
}
