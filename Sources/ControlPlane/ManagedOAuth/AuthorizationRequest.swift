import Domain
import HTTP
import JSON
import OAuth
import Primitives

/// An authorization request whose client and redirect URI are good, so that its answer may go there (RFC 6749 §4.1.1).
package struct AuthorizationRequest: Sendable, Equatable {
    let clientID: String
    package let redirectURI: String
    let state: String?
    let challenge: String
    /// As the client spelled it; where it named none, the issuer.
    let resource: String
    /// `nil` for the control plane's own API.
    let application: ApplicationID?
    let issuer: String
    let prompt: AuthorizationPrompt
    let hint: String?
    let askedAt: Timestamp
    /// The person has been at the login page for it.
    var isReturning = false

    /// How long a request may wait for a login or a decision.
    static let patience = Duration.seconds(600)
    /// The largest path that a login can come back to.
    static let longestPath = 8000

    /// Where the answer goes (RFC 6749 §4.1.2, RFC 9207).
    func answer(_ items: [(String, String)]) -> String {
        ClientAnswer.address(redirectURI, items, state: state, issuer: issuer)
    }

    func refusal(_ error: OAuthError) -> String {
        answer([("error", error.code.rawValue), ("error_description", error.detail)])
    }
}

/// Addresses that carry an answer to a client.
enum ClientAnswer {
    static func address(_ redirectURI: String, _ items: [(String, String)], state: String?, issuer: String) -> String {
        var query = QueryString()
        for (name, value) in items { query.append(name, value) }
        if let state { query.append("state", state) }
        query.append("iss", issuer)
        return redirectURI + (redirectURI.utf8.contains(UInt8(ascii: "?")) ? "&" : "?") + query.text
    }
}

/// `prompt` of an authorization request (OpenID Connect Core 1.0 §3.1.2.1).
struct AuthorizationPrompt: OptionSet, Sendable, Equatable {
    let rawValue: Int
    static let none = AuthorizationPrompt(rawValue: 1)
    static let login = AuthorizationPrompt(rawValue: 2)
    static let consent = AuthorizationPrompt(rawValue: 4)

    init(rawValue: Int) { self.rawValue = rawValue }

    /// Words that nobody knows mean nothing.
    init(_ words: [String]) throws(OAuthError) {
        var prompt: AuthorizationPrompt = []
        for word in words {
            switch word {
            case "none": prompt.insert(.none)
            case "login", "select_account": prompt.insert(.login)
            case "consent": prompt.insert(.consent)
            default: break
            }
        }
        guard !prompt.contains(.none) || words.count == 1 else {
            throw OAuthError(.invalidRequest, "prompt none goes with nothing else")
        }
        self = prompt
    }
}

/// Requests on their way through a login or in a consent page, as JSON that only this server can read.
extension AuthorizationRequest {
    var json: JSONValue {
        [
            "client": .string(clientID), "redirect": .string(redirectURI), "state": state.map { .string($0) } ?? .null,
            "challenge": .string(challenge), "resource": .string(resource),
            "app": application.map { .string($0.uuid) } ?? .null,
            "issuer": .string(issuer), "prompt": .integer(prompt.rawValue), "hint": hint.map { .string($0) } ?? .null,
            "asked": .integer(askedAt.microseconds), "returning": .bool(isReturning),
        ]
    }

    init?(_ value: JSONValue) {
        guard let client = value["client"]?.stringValue, let redirect = value["redirect"]?.stringValue,
            let challenge = value["challenge"]?.stringValue, let resource = value["resource"]?.stringValue,
            let app = value["app"], let issuer = value["issuer"]?.stringValue,
            let prompt = value["prompt"]?.integerValue,
            let asked = value["asked"]?.integerValue, let isReturning = value["returning"]?.boolValue
        else { return nil }
        let application = app.stringValue.flatMap { ApplicationID(uuid: $0) }
        guard app.isNull || application != nil else { return nil }
        self.init(
            clientID: client, redirectURI: redirect, state: value["state"]?.stringValue, challenge: challenge,
            resource: resource, application: application, issuer: issuer,
            prompt: AuthorizationPrompt(rawValue: Int(prompt)), hint: value["hint"]?.stringValue,
            askedAt: Timestamp(microseconds: asked), isReturning: isReturning)
    }
}
