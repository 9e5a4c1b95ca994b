import ControlPlane
import Domain
import HTML
import HTTP
import HTTPServer
import Primitives
import Store
import Telemetry

/// From a request to its route, and from the cookie to whoever is signed in.
extension ConsoleHandler {
    static let router = ConsoleRouter(AllPages.groups)

    var cookies: ConsoleCookies { ConsoleCookies(plane.settings) }

    func answer(_ request: Request) throws(Failure) -> Answer {
        let segments = request.path.split(separator: "/").compactMap { PercentEncoding.decode($0) }
        if segments.first == "sign-in" || segments == ["sign-out"] {
            return try answerSignIn(request, segments)
        }
        guard let (session, principal) = try signedIn(request) else { return .now(toSignIn(request)) }
        let view = view(request, PathValues.empty, session, principal, rights: [])
        switch Self.router.match(request.method, segments) {
        case .found(let route, let values):
            do throws(Failure) {
                return try run(route, values, request, session, principal)
            } catch .refused(let refusal) {
                return .now(try view.response(Screen.refused(refusal), in: reader))
            }
        case .otherMethod:
            var screen = Screen.message(
                "This address does not take that", "Go back and use the button or link on the page.")
            screen.status = .methodNotAllowed
            return .now(try view.response(screen, in: reader))
        case .none:
            return .now(try view.response(Screen.notFound, in: reader))
        }
    }

    // MARK: Who is there

    /// The session of the cookie with the rights of its credential now, or `nil` where either is over.
    func signedIn(_ request: Request) throws(Failure) -> (LiveSession, Principal)? {
        guard let secret = BrowserSecret(cookie: Cookies(request)[cookies.session]),
            let record = try reader.consoleSession(secret.digest), !record.isOver(at: plane.clock.now)
        else { return nil }
        let session = LiveSession(secret: secret, record: record)
        let principal: Principal?
        switch record.credential {
        case .token(_, let digest):
            principal = try reader.credential(digest: digest).flatMap { credential in
                obstacle(to: credential, request) == nil ? credential.principal : nil
            }
        case .member(let user, let provider):
            principal = try tokens.member(user, through: provider, in: reader)?.principal
        }
        guard let principal else { return nil }
        noteUse(of: session, principal, request)
        return (session, principal)
    }

    /// Why a token may not be used from where the request comes; `nil` where it may.
    func obstacle(to credential: TokenCredential, _ request: Request) -> String? {
        let (now, address) = (plane.clock.now, clientAddress(of: request))
        guard credential.isActive, credential.notBefore.map({ $0 <= now }) ?? true,
            credential.expiresAt.map({ $0 > now }) ?? true
        else { return "This token is not active, or its time is over." }
        let isInside =
            credential.allowedAddresses.isEmpty || credential.allowedAddresses.contains { $0.contains(address) }
        guard isInside, !credential.deniedAddresses.contains(where: { $0.contains(address) }) else {
            return "This token may not be used from \(address.text)."
        }
        return nil
    }

    /// Pages that refresh themselves are no sign that somebody is there.
    private func noteUse(of session: LiveSession, _ principal: Principal, _ request: Request) {
        let now = plane.clock.now
        guard !request.isRefresh, now - session.record.lastSeenAt >= ConsoleSession.noting else { return }
        let digest = session.secret.digest
        plane.store.writes.enqueue(
            { (transaction) throws(Failure) in
                // Only adds, as far as decisions go: when a session and its token were last used are facts that the gate's
                // decisions do not ask for.
                transaction.onlyAdds()
                try transaction.noteUse(ofConsoleSession: digest, at: now)
                if let token = principal.token { try transaction.noteUse(of: token.id, at: now) }
            }, completion: { _ in })
    }

    func view(
        _ request: Request, _ path: PathValues, _ session: LiveSession, _ principal: Principal, rights: PermissionSet
    ) -> View {
        View(
            plane: plane, principal: principal, rights: rights, session: session, path: path,
            query: request.query ?? QueryString(), request: request, address: clientAddress(of: request).text,
            now: plane.clock.now, flash: Flash(cookie: Cookies(request)[cookies.flash], for: session.secret))
    }

    // MARK: Permission

    private func run(
        _ route: ConsoleRoute, _ values: PathValues, _ request: Request, _ session: LiveSession, _ principal: Principal
    ) throws(Failure) -> Answer {
        try refusing { () throws(Refusal) in
            try options.limiter.spend(session.secret.digest, at: plane.clock.now)
        }
        var view = view(request, values, session, principal, rights: [])
        let isForm = route.method == .post
        var lacks: Failure?
        switch route.permission {
        case .signedIn: break
        case .organization(let group):
            let rights = try view.rights(on: view.organization, in: reader)
            guard !rights.isEmpty else { throw .refused(.organizationNotFound, "organization not found") }
            view = self.view(request, values, session, principal, rights: rights)
            if !rights.contains(group) { lacks = Self.missing(group, isForm, .organizationNotFound) }
        case .account(let group):
            let rights = try view.rights(on: view.account, in: reader)
            guard !rights.isEmpty else { throw .refused(.accountNotFound, "account not found") }
            view = self.view(request, values, session, principal, rights: rights)
            view.isReadOnly = try !reader.consoleReadOnly(among: [view.account]).isEmpty
            if !rights.contains(group) {
                lacks = Self.missing(group, isForm, .accountNotFound)
            } else if isForm, view.isReadOnly {
                lacks = .refused(.accessReadOnly, "this account may be changed through the API only")
            }
        }
        if isForm { return try form(route, view, lacks) }
        if let lacks { throw lacks }
        return try show(route, view)
    }

    /// A missing right to read hides the resource; a missing right to write does not.
    private static func missing(_ group: PermissionGroup, _ isForm: Bool, _ hidden: ErrorCode) -> Failure {
        isForm
            ? .refused(.authenticationError, "the credential lacks \"\(group.name)\"")
            : .refused(hidden, "not found, or the credential lacks \"\(group.name)\"")
    }
}

extension Request {
    /// A page that asks again by itself, see `Assets/ConsoleScript.swift`.
    var isRefresh: Bool { FieldName("x-console-refresh").map { count($0) > 0 } ?? false }
}
