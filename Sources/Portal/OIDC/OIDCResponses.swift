import ControlPlane
import HTML
import HTTP
import JSON
import OAuth

/// How answers of the provider travel.
extension PortalHandler {
    /// - Parameter isPublic: whether it is the same for everybody, so that it may be kept for a while.
    static func document(_ json: [UInt8], isPublic: Bool) -> Response {
        var response = Response(.ok, json: json)
        response.fields.append(.cacheControl, isPublic ? "public, max-age=300" : "no-store")
        if !isPublic { response.fields.append(.pragma, "no-cache") }
        response.fields.append(.accessControlAllowOrigin, "*")
        return response
    }

    static func response(_ answer: OIDCAnswer) -> Response {
        switch answer {
        case .document(let json): return document(json, isPublic: false)
        case .done:
            var response = Response(.ok)
            response.fields.append(.cacheControl, "no-store")
            response.fields.append(.accessControlAllowOrigin, "*")
            return response
        case .refused(let error, let usedBasic):
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("error", error.code.rawValue)
            writer.member("error_description", error.detail)
            writer.endObject()
            var response = document(writer.bytes, isPublic: false)
            response.status = Status(error.status)
            if error.code == .invalidToken {
                response.fields.append(
                    .wwwAuthenticate,
                    "Bearer realm=\"OIDC\", error=\"invalid_token\", error_description=\"\(error.detail)\"")
            } else if error.code == .invalidClient, usedBasic {
                response.fields.append(.wwwAuthenticate, "Basic realm=\"OIDC\"")
            }
            return response
        }
    }

    /// Scripts of other origins may ask: no cookie is looked at here.
    static var preflight: Response {
        var response = Response(.noContent)
        response.fields.append(.accessControlAllowOrigin, "*")
        response.fields.append(.accessControlAllowMethods, "GET, POST")
        response.fields.append(.accessControlAllowHeaders, "authorization, content-type")
        response.fields.append(.accessControlMaxAge, "86400")
        return response
    }
}

extension Pages {
    /// The answer as a form (OAuth 2.0 Form Post Response Mode). Our pages run no script, so the person sends it.
    func formPost(_ answer: AuthorizationAnswer, _ application: String) -> Response {
        page(.ok, "You are signed in", formsTo: [Self.formTarget(answer.redirectURI)]) {
            Self.heading("You are signed in", icon: "icon-check good") { "Go on to \(application)." }
            element("form", ["method": "post", "action": answer.redirectURI]) {
                for item in answer.parameters.items { Self.hidden(item.name, item.value) }
                element("button", ["class": "button", "type": "submit", "autofocus": true]) { "Continue" }
            }
        }
    }

    /// What `form-action` must name for a form to reach a redirect URI: its origin, or its scheme where that is private.
    static func formTarget(_ uri: String) -> String {
        if let address = WebAddress(uri) { return address.origin }
        return uri.prefix { $0 != ":" } + ":"
    }

    /// A request that names no client and redirect URI which belong together: nothing is sent anywhere.
    func unregisteredClient() -> Response {
        let title = "This sign-in request is not valid"
        return page(.badRequest, title) {
            Self.heading(title, icon: "icon-warning bad") {
                "The application asked for an answer at an address that is not registered for it. Whoever runs it finds the registered ones (redirect_uris) with the application."
            }
            facts([("Code", OAuthError.Code.invalidRequest.rawValue)])
        }
    }
}
