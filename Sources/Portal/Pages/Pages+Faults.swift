import ControlPlane
import Domain
import HTML
import HTTP

/// Pages of what went wrong: what happened, what to do, and the code that stays the same.
extension Pages {
    func fault(_ fault: LoginFault) -> Response {
        page(Self.status(fault.code), Self.title(fault.code)) {
            Self.heading(Self.title(fault.code), icon: "icon-warning warn") { fault.detail }
            facts([("Code", fault.code.rawValue)])
            wayOut
        }
    }

    /// What everybody who has come to a team's host can do next.
    @MarkupBuilder private var wayOut: Markup {
        if team != nil { element("a", ["class": "button secondary", "href": "/"]) { "Your applications" } }
    }

    private static func status(_ code: LoginFaultCode) -> Status {
        switch code {
        case .sessionInvalid, .stateMismatch, .bridgeInvalid: .badRequest
        case .idpError, .idpUnreachable: .badGateway
        case .idpNotAllowed, .emailMissing, .denied, .tokenError, .noSeat: .forbidden
        case .appNotFound: .notFound
        case .rateLimited: .tooManyRequests
        }
    }

    private static func title(_ code: LoginFaultCode) -> String {
        switch code {
        case .sessionInvalid, .stateMismatch: "This sign-in has expired"
        case .idpError, .tokenError: "The sign-in did not work"
        case .idpUnreachable: "Signing in does not work right now"
        case .idpNotAllowed: "This way of signing in is not allowed"
        case .emailMissing: "Your address is missing"
        case .denied: "You cannot sign in now"
        case .appNotFound: "No such application"
        case .bridgeInvalid: "The bridge did not work"
        case .rateLimited: "Too many attempts"
        case .noSeat: "There is no free seat"
        }
    }

    func broken(_ status: Status) -> Response {
        let title = status == .serviceUnavailable ? "Try again in a moment" : "Something went wrong here"
        return simple(status, title, icon: "icon-warning bad") {
            "The server could not finish this. Nothing was changed. If it stays, tell the administrator the ray id below."
        }
    }

    func notFound() -> Response {
        let title = "There is nothing here"
        return page(.notFound, title) {
            Self.heading(title, icon: "icon-warning warn") { "Check the address, or open the application again." }
            wayOut
        }
    }

    func wrongMethod(_ allowed: String) -> Response {
        var response = simple(.methodNotAllowed, "That is not how this address works") { "Open it with \(allowed)." }
        response.fields.append(.allow, allowed)
        return response
    }

    func unknownTeam() -> Response {
        simple(.notFound, "There is no such team") { "Check the address for a typing mistake." }
    }

    func retiredTeam() -> Response {
        simple(.gone, "This team has another name now") {
            "Ask the administrator for the new address, then open the application again."
        }
    }

    private func simple(
        _ status: Status, _ title: String, icon: String = "icon-warning warn", _ sentence: () -> String
    ) -> Response {
        let sentence = sentence()
        return page(status, title) { Self.heading(title, icon: icon) { sentence } }
    }
}
