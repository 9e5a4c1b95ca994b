import ControlPlane
import Domain
import HTTP
import HTTPServer
import Primitives
import Store

/// What people enter on pages of a team: addresses, PINs, tokens, reasons, and their word for others.
extension PortalHandler {
    /// - Returns: `nil` for a path that is no form.
    func entrySite(_ path: String, _ team: TeamSettings, _ request: Request) -> Answer? {
        let isForm: Bool
        switch path {
        case Pages.pinPath, Pages.pinVerifyPath, Pages.memberPath, Pages.purposePath: isForm = true
        case Pages.approvalsPath: isForm = request.method == .post
        case Pages.resumePath: isForm = false
        default: return nil
        }
        guard request.method == (isForm ? .post : .get) else {
            let allowed = isForm ? "POST" : path == Pages.approvalsPath ? "GET or POST" : "GET"
            return .now(pages(request, team).wrongMethod(allowed))
        }
        guard let form = isForm ? QueryString(request.body) : request.query ?? QueryString() else {
            return .now(
                pages(request, team).fault(
                    LoginFault(.sessionInvalid, "This form cannot be read. Open the application again.")))
        }
        return later(request) { (portal) throws(Failure) in
            try portal.desk.refresh()
            let browser = portal.browser(of: request)
            switch path {
            case Pages.pinPath: return try await portal.sendPIN(form, team, browser, request)
            case Pages.pinVerifyPath: return try await portal.verifyPIN(form, team, browser, request)
            case Pages.memberPath: return try await portal.signInMember(form, team, browser, request)
            case Pages.approvalsPath where isForm: return try await portal.settle(form, team, browser, request)
            case Pages.approvalsPath: return try portal.approvals(team, browser, request)
            default: return try await portal.resume(form, isStating: isForm, team, browser, request)
            }
        }
    }

    // MARK: One-time PIN

    private func sendPIN(
        _ form: QueryString, _ team: TeamSettings, _ browser: KnownBrowser, _ request: Request
    ) async throws(Failure) -> Response {
        let state = form["state"] ?? ""
        let device = device(of: request)
        let targets = try formTargets(try await desk.destination(ofWaiting: state, at: team, browser.facts), team)
        let step = try await desk.sendPIN(
            to: form["email"] ?? "", state: state, device: device.digest, at: team, browser.facts)
        var response = try await answer(step, state, targets, team, browser, request)
        if let cookie = device.newCookie { response.fields.append(.setCookie, cookie) }
        return response
    }

    private func verifyPIN(
        _ form: QueryString, _ team: TeamSettings, _ browser: KnownBrowser, _ request: Request
    ) async throws(Failure) -> Response {
        let state = form["state"] ?? ""
        let targets = try formTargets(try await desk.destination(ofWaiting: state, at: team, browser.facts), team)
        let step = try await desk.verifyPIN(form["code"] ?? "", state: state, at: team, browser.facts)
        return try await answer(step, state, targets, team, browser, request)
    }

    private func answer(
        _ step: PINStep, _ state: String, _ targets: [String], _ team: TeamSettings, _ browser: KnownBrowser,
        _ request: Request
    ) async throws(Failure) -> Response {
        let pages = pages(request, team)
        switch step {
        case .entry(let email): return pages.askForPIN(email: email, state: state, formsTo: targets)
        case .notAnAddress(let text): return pages.askForAddress(state: state, mistake: text, formsTo: targets)
        case .wrong(let email, let left):
            return pages.askForPIN(email: email, state: state, triesLeft: left, formsTo: targets)
        case .outcome(let outcome): return Self.afterForm(try await answer(outcome, team, browser, request))
        }
    }

    /// A redirect that answers a form is followed by GET.
    private static func afterForm(_ response: Response) -> Response {
        var response = response
        if response.status == .found { response.status = .seeOther }
        return response
    }

    // MARK: Members

    private func signInMember(
        _ form: QueryString, _ team: TeamSettings, _ browser: KnownBrowser, _ request: Request
    ) async throws(Failure) -> Response {
        let state = form["state"] ?? ""
        let address = browser.facts.address
        do throws(Refusal) {
            try options.limiter.admit(address, at: desk.now)
        } catch {
            throw .turnedAway(.rateLimited, "Too many tokens were tried from your address. Wait a minute.")
        }
        let targets = try formTargets(try await desk.destination(ofWaiting: state, at: team, browser.facts), team)
        let outcome = try await desk.signInMember(
            token: Secret(form["token"] ?? ""), state: state, at: team, browser.facts)
        guard let outcome else {
            options.limiter.noteFailure(from: address, at: desk.now)
            return pages(request, team).askForMemberToken(state: state, isWrong: true, formsTo: targets)
        }
        return Self.afterForm(try await answer(outcome, team, browser, request))
    }

    // MARK: Terms of a policy

    private func resume(
        _ form: QueryString, isStating: Bool, _ team: TeamSettings, _ browser: KnownBrowser, _ request: Request
    ) async throws(Failure) -> Response {
        let ticket = form["ticket"] ?? ""
        var purpose: String?
        if isStating {
            let text = Self.trimmed(form["purpose"] ?? "")
            guard !text.isEmpty, text.utf8.count <= LoginDesk.purposeLimit else {
                return try await askAgain(ticket, isTooLong: !text.isEmpty, team, browser, request)
            }
            purpose = text
        }
        let next = try await desk.resume(
            ticket, stating: purpose, session: teamTokens(request), at: team, browser.facts)
        let response = try await answer(LoginOutcome(teamCookie: nil, next: next), team, browser, request)
        return isStating ? Self.afterForm(response) : response
    }

    private func askAgain(
        _ ticket: String, isTooLong: Bool, _ team: TeamSettings, _ browser: KnownBrowser, _ request: Request
    ) async throws(Failure) -> Response {
        let next = try await desk.resume(ticket, stating: nil, session: teamTokens(request), at: team, browser.facts)
        guard case .purpose(let question, let prompt) = next else {
            return Self.afterForm(try await answer(LoginOutcome(teamCookie: nil, next: next), team, browser, request))
        }
        return pages(request, team).askForPurpose(
            question, prompt: prompt,
            mistake: isTooLong ? "At most \(LoginDesk.purposeLimit) bytes, please." : "Please write a word or two.",
            formsTo: try formTargets(.application(question.destination), team))
    }

    private static func trimmed(_ text: String) -> String {
        String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }

    // MARK: Approvals

    private func approvals(
        _ team: TeamSettings, _ browser: KnownBrowser, _ request: Request, message: String? = nil
    ) throws(Failure) -> Response {
        guard let (session, identity) = try desk.session(teamTokens(request), at: team) else {
            return Self.redirect(to: localLogin(Pages.approvalsPath, team))
        }
        let token = FormToken.make("approvals", session, browser.facts, plane.vault)
        var response = pages(request, team).approvals(
            try desk.pendingApprovals(for: identity.email, at: team), identity, token: token, message: message)
        browser.keep(in: &response)
        return response
    }

    private func settle(
        _ form: QueryString, _ team: TeamSettings, _ browser: KnownBrowser, _ request: Request
    ) async throws(Failure) -> Response {
        guard let (session, identity) = try desk.session(teamTokens(request), at: team),
            FormToken.isGood(form["token"], "approvals", session, browser.facts, plane.vault),
            let id = form["request"].flatMap({ ApprovalRequestID(uuid: $0) }),
            let answer = form["answer"], answer == "approve" || answer == "refuse"
        else {
            throw .turnedAway(.sessionInvalid, "This page is out of date. Open the list of approvals again.")
        }
        let isSettled = try await desk.settle(
            id, approves: answer == "approve", by: identity, at: team, browser.facts)
        let message =
            isSettled
            ? answer == "approve" ? "Approved." : "Refused."
            : "That request is not open any more, or not yours to decide."
        return try approvals(team, browser, request, message: message)
    }

    /// The address of the login page for a page of the team's own.
    func localLogin(_ path: String, _ team: TeamSettings) -> String {
        let host = PercentEncoding.encode(settings.teamHost(team.team))
        return "/cdn-cgi/access/login/\(host)?redirect_url=\(PercentEncoding.encode(path))"
    }
}
