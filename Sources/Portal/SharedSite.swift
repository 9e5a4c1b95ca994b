import ControlPlane
import Domain
import HTML
import HTTP
import HTTPServer
import JSON
import Primitives
import Store

/// What answers alike on team hosts and application hosts.
extension PortalHandler {
    /// - Returns: `nil` for a path that is not shared.
    func sharedSite(_ path: String, _ account: AccountID, _ request: Request) throws(Failure) -> Answer? {
        switch (path, request.method) {
        case ("/cdn-cgi/access/certs", .get), ("/cdn-cgi/access/certs", .head):
            return later(request) { (portal) throws(Failure) in try await portal.certs(of: account) }
        case (Pages.stylesheetPath, .get), (Pages.stylesheetPath, .head):
            return .now(Pages.stylesheet())
        case (Pages.themePath, .get), (Pages.themePath, .head):
            return try desk.team(of: account)?.theme.map { .now(Pages.css($0.css, for: 60)) }
        default: return nil
        }
    }

    /// The keys that an account's tokens verify with (contract 40 §6).
    private func certs(of account: AccountID) async throws(Failure) -> Response {
        try desk.refresh()
        _ = try await desk.key(of: account)
        var response = Response(.ok, json: try desk.certs(of: account))
        response.fields.append(.cacheControl, "public, max-age=300")
        response.fields.append(.accessControlAllowOrigin, "*")
        return response
    }
}
