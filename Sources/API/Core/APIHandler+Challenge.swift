import ControlPlane
import Domain
import HTTP
import Primitives
import Store

/// What tells an agent where it gets a token (RFC 9728 §5.1).
extension APIHandler {
    /// Adds the challenge of managed OAuth to an answer about credentials: 401, and the 400 that the v4 API gives to whoever
    /// shows none. The body stays what clients of that API know.
    func challenging(_ response: Response, _ request: Request) -> Response {
        let isAnonymous = response.status == .badRequest && request.count(.authorization) == 0
        guard response.status == .unauthorized || isAnonymous, namesAuthorizationServer() else { return response }
        var response = response
        var challenge = "Bearer realm=\"orgd\""
        if request.count(.authorization) > 0 {
            challenge +=
                ", error=\"invalid_token\", error_description=\"the token is unknown, has ended, or is for something else\""
        }
        let metadata = "/.well-known/oauth-protected-resource" + APITarget.path
        challenge += ", resource_metadata=\"\(options.plane.settings.publicURL)\(metadata)\""
        response.fields[.wwwAuthenticate] = challenge
        return response
    }

    /// Whether anybody could get a token. An answer about credentials must not fail because that cannot be found out.
    func namesAuthorizationServer() -> Bool {
        do throws(Failure) {
            try beginReading()
            return try desk.admitsPeople(in: reader)
        } catch { return false }
    }
}
