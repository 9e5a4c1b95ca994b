import ControlPlane
import Crypto
import Domain
import HTTP
import HTTPServer
import JSON
import Primitives
import Store

/// Cookies for the further hosts of an application, fetched right after the first (contract 40 §1, step 8).
///
/// Each host goes the ordinary way: it sets its own `CF_AppSession`, asks the team, where the session is, and takes the
/// admission over. So the rules that tie an admission to a browser hold for every host.
struct EagerRound: Equatable {
    static let path = "/cdn-cgi/access/eager"
    private static let lifetime = Duration.seconds(120)

    /// The first is the host that is asked now.
    let hosts: [String]
    /// Where the browser goes in the end.
    let home: String
    let application: ApplicationID
    let expiresAt: Timestamp

    init(hosts: [String], home: String, application: ApplicationID, from now: Timestamp) {
        self.hosts = hosts
        self.home = home
        self.application = application
        expiresAt = now + Self.lifetime
    }

    private init(hosts: [String], home: String, application: ApplicationID, until end: Timestamp) {
        self.hosts = hosts
        self.home = home
        self.application = application
        expiresAt = end
    }

    /// What is left once the first host is done.
    var rest: EagerRound {
        EagerRound(hosts: Array(hosts.dropFirst()), home: home, application: application, until: expiresAt)
    }

    /// `nil` for what this server did not make, or too long ago.
    init?(_ text: String, vault: Vault, at now: Timestamp) {
        guard text.utf8.count < 8192, let bytes = Base64URL.decode(text), bytes.count > 16 else { return nil }
        let content = Array(bytes.dropLast(16))
        guard constantTimeEqual(vault.authenticator(of: Self.signed(content)), Array(bytes.suffix(16))),
            let value = try? JSONParser.parse(content),
            let hosts = value["hosts"]?.arrayValue?.compactMap(\.stringValue), let home = value["home"]?.stringValue,
            let id = value["app"]?.stringValue.flatMap({ ApplicationID(uuid: $0) }),
            let end = value["until"]?.integerValue, now < Timestamp(microseconds: end)
        else { return nil }
        self.init(hosts: hosts, home: home, application: id, until: Timestamp(microseconds: end))
    }

    /// Path and query at the first host.
    func target(_ vault: Vault) -> String {
        let content = JSONValue.object([
            "hosts": .array(hosts.map(JSONValue.string)), "home": .string(home), "app": .string(application.uuid),
            "until": .integer(expiresAt.microseconds),
        ]).serializedBytes()
        return "\(Self.path)?round=\(Base64URL.encode(content + vault.authenticator(of: Self.signed(content))))"
    }

    private static func signed(_ content: [UInt8]) -> [UInt8] { Array("eager".utf8) + [0] + content }
}

extension PortalHandler {
    /// Where a browser goes that has just taken an admission over.
    func destination(after taken: TakenOver) -> String {
        if taken.path.hasPrefix(EagerRound.path + "?") {
            // One redirect less for each host: browsers follow twenty.
            let query = taken.path.dropFirst(EagerRound.path.utf8.count + 1)
            let round = QueryString(query)?["round"].flatMap { EagerRound($0, vault: plane.vault, at: desk.now) }
            return round.map { next(of: $0) } ?? taken.path
        }
        guard !taken.otherHosts.isEmpty else { return taken.path }
        let home = "\(settings.scheme)://\(taken.host)\(taken.path)"
        let round = EagerRound(
            hosts: taken.otherHosts, home: home, application: taken.application.id, from: desk.now)
        return "\(settings.scheme)://\(taken.otherHosts[0])\(round.target(plane.vault))"
    }

    /// A further host: it fetches its cookies where they are missing, then passes the browser on.
    func eager(_ request: Request) -> Answer {
        later(request) { (portal) throws(Failure) in
            try portal.desk.refresh()
            let authority = portal.authority(of: request).lowercased()
            guard
                let round = request.query?["round"].flatMap({
                    EagerRound($0, vault: portal.plane.vault, at: portal.desk.now)
                }),
                round.hosts.first == authority,
                let place = try portal.desk.access.place(
                    host: Authority.host(of: authority), path: EagerRound.path, in: portal.desk.reader),
                place.application == round.application,
                let application = try portal.desk.application(place.application, of: place.account)
            else {
                throw .turnedAway(.sessionInvalid, "This sign-in took too long. Open the application again.")
            }
            let cookies = Cookies(request)
            for token in cookies.values(AccessCookies.authorization).prefix(4)
            where try portal.desk.isGood(token, for: application) {
                return Self.redirect(to: portal.next(of: round))
            }
            let known = BrowserSecret(cookie: cookies[AccessCookies.appSession])
            let secret = known ?? BrowserSecret()
            let key = try await portal.desk.key(of: application.account)
            // The browser comes back here with its cookies, and is passed on then.
            let address = try portal.desk.loginAddress(
                for: application, host: authority, target: round.target(portal.plane.vault),
                appSession: Base64URL.encode(secret.digest), key: key)
            var response = Self.redirect(to: address)
            if known == nil {
                response.fields.append(
                    .setCookie,
                    AccessCookies(portal.settings).set(
                        AccessCookies.appSession, secret.text, for: .seconds(24 * 3600)))
            }
            return response
        }
    }

    private func next(of round: EagerRound) -> String {
        let rest = round.rest
        guard let host = rest.hosts.first else { return round.home }
        return "\(settings.scheme)://\(host)\(rest.target(plane.vault))"
    }
}
