import ControlPlane
import Domain
import HTTP
import HTTPServer
import OAuth
import Primitives
import Store
import Telemetry

/// What somebody gets when a request could not be finished, at once or after waiting: proxies and people a page, programs
/// an error that they can read. Nothing of the cause is in it; that is in the log, under the same ray.
extension PortalHandler {
    private static let wait = "5"

    func failed(_ failure: Failure, _ request: Request) -> Response {
        if site(of: request) == .forwardAuth { return undecided(failure, request) }
        let isForPrograms = isForPrograms(request)
        if case .turnedAway(let fault) = failure, !isForPrograms {
            return pages(request, knownTeam(of: request)).fault(fault)
        }
        let status = log(failure, request)
        guard isForPrograms else { return Self.asking(pages(request).broken(status)) }
        let error: OAuthError =
            status == .serviceUnavailable
            ? OAuthError(.temporarilyUnavailable, "the server is busy: try again in a moment")
            : OAuthError(.serverError, "the server could not do this")
        return Self.asking(Self.refusal(error))
    }

    /// The team whose host was asked, where that is known without asking for it in vain.
    private func knownTeam(of request: Request) -> TeamSettings? {
        guard case .team(let name) = site(of: request) else { return nil }
        do throws(Failure) { return try desk.team(name) } catch { return nil }
    }

    /// The answer to a proxy where nothing could be decided, for whatever reason: 503, never 200.
    private func undecided(_ failure: Failure, _ request: Request) -> Response {
        if case .turnedAway(let fault) = failure { return pages(request).fault(fault) }
        metrics.count(.undecided)
        options.logger.error("forward_auth_failed", .string("ray", request.rayText), .string("cause", "\(failure)"))
        return Self.asking(pages(request).broken(.serviceUnavailable))
    }

    private func log(_ failure: Failure, _ request: Request) -> Status {
        let fields: [LogField] = [.string("ray", request.rayText), .string("cause", "\(failure)")]
        switch failure {
        case .unavailable:
            options.logger.log(.error, "portal_unavailable", fields)
            return .serviceUnavailable
        case .refused: options.logger.log(.error, "portal_refusal", fields)
        case .turnedAway, .broken, .inconsistent: options.logger.log(.error, "portal_failed", fields)
        }
        return .internalServerError
    }

    /// Says when to come back, where coming back can help.
    private static func asking(_ response: Response) -> Response {
        var response = response
        if response.status == .serviceUnavailable { response.fields.append(.retryAfter, wait) }
        return response
    }

    /// Whether an address is one that programs use and people never see.
    private func isForPrograms(_ request: Request) -> Bool {
        let path = request.pathBytes
        if path.starts(with: "/.well-known/".utf8) { return true }
        guard path.starts(with: "/cdn-cgi/access/".utf8) else { return false }
        if path.starts(with: Self.oauthPath.utf8) {
            return ["registration", "token", "revoke"].contains { path.elementsEqual((Self.oauthPath + $0).utf8) }
        }
        guard path.starts(with: Self.oidcPath.utf8) else { return false }
        let endpoint = path.dropFirst(Self.oidcPath.utf8.count).drop { $0 != UInt8(ascii: "/") }.dropFirst()
        return [".well-known/openid-configuration", "jwks", "token", "revoke", "userinfo"].contains {
            endpoint.elementsEqual($0.utf8)
        }
    }
}
