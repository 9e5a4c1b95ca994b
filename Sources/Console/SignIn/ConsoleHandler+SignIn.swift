import ControlPlane
import Crypto
import Domain
import HTML
import HTTP
import HTTPServer
import Primitives
import Store
import Telemetry

/// Coming and going.
extension ConsoleHandler {
    func answerSignIn(_ request: Request, _ segments: [String]) throws(Failure) -> Answer {
        switch (request.method, segments) {
        case (.get, ["sign-in"]), (.head, ["sign-in"]):
            if try signedIn(request) != nil { return .now(Self.seeOther(target(of: request.query?["next"]))) }
            return .now(try signInPage(request))
        case (.post, ["sign-in"]): return try signIn(request)
        case (.get, ["sign-in", "with"]): return .now(try leaveForMembers(request))
        case (.get, ["sign-in", "return"]): return try returnOfMember(request)
        case (.post, ["sign-out"]): return try signOut(request)
        default: return .now(BarePage.message("Nothing is here", "Open the console to go on.", .notFound))
        }
    }

    /// Where somebody goes who has to sign in first.
    func toSignIn(_ request: Request) -> Response {
        let hadSession = Cookies(request)[cookies.session] != nil
        var query = QueryString()
        let wantsPage = request.method == .get && request.target != "/"
        if wantsPage, LocalPath.isSafe(request.target) { query.append("next", request.target) }
        if hadSession { query.append("ended", "1") }
        var response = Self.seeOther("/sign-in" + (query.isEmpty ? "" : "?" + query.text))
        if hadSession { response.fields.append(.setCookie, cookies.clear(cookies.session)) }
        return response
    }

    func target(of next: String?) -> String {
        guard let next, LocalPath.isSafe(next), !next.hasPrefix("/sign-") else { return "/" }
        return next
    }

    static func seeOther(_ path: String) -> Response {
        var response = Response(.seeOther)
        response.fields.append(.location, path)
        response.fields.append(.cacheControl, "no-store")
        return response
    }

    // MARK: The page

    /// - Parameter mistake: why the token that was entered is no good; a sentence.
    func signInPage(
        _ request: Request, mistake: String? = nil, wrongTeam: String? = nil, next: String? = nil
    ) throws(Failure) -> Response {
        let members = try memberChoice(target(of: next ?? request.query?["next"]), mistake: wrongTeam)
        let known = BrowserSecret(cookie: Cookies(request)[cookies.visit])
        let secret = known ?? BrowserSecret()
        let query = request.query ?? QueryString()
        let hasEnded = mistake == nil && query["ended"] == "1"
        var response = BarePage.card(mistake != nil ? .forbidden : wrongTeam != nil ? .notFound : .ok, "Sign in") {
            element("header") {
                element("div", ["class": "brand"]) {
                    UI.mark
                    element("span") { "orgd" }
                }
                element("h1") { "Sign in" }
                element("p", ["class": "lead"]) { "The admin console of this server." }
            }
            if hasEnded {
                element("p", ["class": "notice", "role": "status"]) {
                    "Your session has ended. Sign in again to go on where you were."
                }
            }
            signInForm(secret, mistake, target(of: next ?? query["next"]))
            members
        }
        if known == nil { response.fields.append(.setCookie, cookies.set(cookies.visit, secret.text)) }
        return response
    }

    private func signInForm(_ secret: BrowserSecret, _ mistake: String?, _ next: String) -> Markup {
        element("form", ["method": "post", "action": "/sign-in"]) {
            UI.hidden(FormToken.field, FormToken.value(of: secret))
            UI.hidden("next", next)
            element("div", ["class": "field"]) {
                element("label", ["for": "token"]) { "API token" }
                element(
                    "input",
                    [
                        "id": "token", "name": "token", "type": "password", "autocomplete": "off", "required": true,
                        "autofocus": true, "maxlength": 512, "spellcheck": false, "aria-invalid": mistake != nil,
                        "aria-describedby": mistake == nil ? "token-hint" : "token-error token-hint",
                    ])
                if let mistake { element("p", ["class": "error", "id": "token-error"]) { mistake } }
                element("p", ["class": "hint", "id": "token-hint"]) {
                    "What you may do here is what the token may do. It is checked and not kept."
                }
            }
            element("button", ["class": "button", "type": "submit"]) { "Sign in" }
        }
    }

    // MARK: In

    private func signIn(_ request: Request) throws(Failure) -> Answer {
        let (now, address) = (plane.clock.now, clientAddress(of: request))
        do throws(Refusal) {
            try options.limiter.admit(address, at: now)
        } catch {
            return .now(
                BarePage.message(
                    "Too many attempts",
                    "Too many failed attempts came from your address. Wait a minute, then try again.",
                    .tooManyRequests))
        }
        guard let form = FormBody(request), isSameOrigin(request),
            let visit = BrowserSecret(cookie: Cookies(request)[cookies.visit]),
            FormToken.isRight(form.items[FormToken.field], for: visit)
        else { return .now(try signInPage(request, mistake: "This page was open for too long. Try again.")) }
        let next = target(of: form.items["next"])
        guard let value = form.text("token") else {
            return .now(try signInPage(request, mistake: "Enter an API token.", next: next))
        }
        let digest = SHA256.hash(value).bytes
        guard let credential = try reader.credential(digest: digest), let token = credential.principal.token else {
            options.limiter.noteFailure(from: address, at: now)
            return .now(try signInPage(request, mistake: "This token is not known here.", next: next))
        }
        if let obstacle = obstacle(to: credential, request) {
            return .now(try signInPage(request, mistake: obstacle, next: next))
        }
        return begin(.token(token.id, digest: digest), next, request)
    }

    /// Begins a session and goes on. The session that the browser had before is over.
    ///
    /// - Parameters:
    ///   - ticket: the digest of what brought a member here, which begins one session at most.
    ///   - email: of that member.
    func begin(
        _ credential: ConsoleSession.Credential, _ next: String, _ request: Request, unlessSpent ticket: [UInt8]? = nil,
        email: String? = nil
    ) -> Answer {
        let session = ConsoleSession(
            of: credential, address: clientAddress(of: request).text, at: plane.clock.now)
        let old = BrowserSecret(cookie: Cookies(request)[cookies.session])?.digest
        let (cookies, options) = (cookies, options)
        return .later {
            do throws(Failure) {
                let secret = BrowserSecret()
                let isFirst = try await options.plane.store.writes.perform { (transaction) throws(Failure) in
                    // Only adds, as far as decisions of the gate go: sessions of the console open no application.
                    transaction.onlyAdds()
                    if let ticket {
                        let end = session.createdAt + ConsoleTicket.lifetime
                        guard try transaction.spend(ticket, until: end) else { return false }
                    }
                    if let old { try transaction.endConsoleSession(old) }
                    try transaction.insert(session, digest: secret.digest)
                    if case .member(_, let provider) = credential, let email {
                        try transaction.noteLogin(through: provider, email: email, at: session.createdAt)
                    }
                    return true
                }
                guard isFirst else {
                    return BarePage.message("This sign-in was used already", "Sign in again.", .forbidden)
                }
                options.logger.info("console_sign_in", .string("address", session.address))
                var response = Self.seeOther(next)
                response.fields.append(.setCookie, cookies.set(cookies.session, secret.text))
                response.fields.append(.setCookie, cookies.clear(cookies.visit))
                return response
            } catch { return BarePage.failed(error, request, options) }
        }
    }

    // MARK: Out

    private func signOut(_ request: Request) throws(Failure) -> Answer {
        guard let secret = BrowserSecret(cookie: Cookies(request)[cookies.session]) else {
            return .now(Self.seeOther("/sign-in"))
        }
        guard let form = FormBody(request), isSameOrigin(request),
            FormToken.isRight(form.items[FormToken.field], for: secret)
        else {
            return .now(BarePage.message("You are still signed in", "Open the console and sign out there.", .forbidden))
        }
        let (cookies, options, digest) = (cookies, options, secret.digest)
        return .later {
            do throws(Failure) {
                _ = try await options.plane.store.writes.perform { (transaction) throws(Failure) in
                    // Only adds, as far as decisions of the gate go: sessions of the console open no application.
                    transaction.onlyAdds()
                    try transaction.endConsoleSession(digest)
                }
                var response = BarePage.message("You are signed out", "You may close this window.", .ok)
                response.fields.append(.setCookie, cookies.clear(cookies.session))
                return response
            } catch { return BarePage.failed(error, request, options) }
        }
    }
}
