import HTTP
import JSON

/// An authorization server as it describes itself (RFC 8414 §2), checked.
package struct AuthorizationServer: Equatable, Sendable {
    package let issuer: String
    package let authorizationEndpoint: String
    package let tokenEndpoint: String
    package let registrationEndpoint: String?
    package let revocationEndpoint: String?
    /// Its answers in the browser name it (RFC 9207 §3).
    package let namesItself: Bool
    /// A URL may be a client id.
    package let takesClientDocuments: Bool

    /// - Throws: ``AgentFault/untrusted(_:)`` unless the document is that of `issuer` and offers what a public client needs.
    init(_ document: JSONValue, of issuer: String, at address: String) throws(ClientError) {
        guard let named = document["issuer"]?.stringValue else { throw .untrusted("\(address) names no issuer") }
        guard named.hasSameBytes(as: issuer) else {
            throw .untrusted("\(address) says that it is \(named), not \(issuer)")
        }
        self.issuer = issuer
        func endpoint(_ name: String) throws(ClientError) -> String? {
            guard let text = document[name]?.stringValue else { return nil }
            guard let url = WebAddress(text), Self.isSafe(url, besides: issuer) else {
                throw .untrusted("the \(name) of \(issuer) is no address that a secret may be sent to: \(text)")
            }
            return text
        }
        guard let authorization = try endpoint("authorization_endpoint"), let token = try endpoint("token_endpoint")
        else { throw .untrusted("\(address) lacks an authorization_endpoint or a token_endpoint") }
        authorizationEndpoint = authorization
        tokenEndpoint = token
        registrationEndpoint = try endpoint("registration_endpoint")
        revocationEndpoint = try endpoint("revocation_endpoint")
        func holds(_ value: String, in name: String) -> Bool? {
            document[name]?.arrayValue.map { list in list.contains { $0.stringValue == value } }
        }
        guard holds("S256", in: "code_challenge_methods_supported") == true else {
            throw .untrusted("\(issuer) does not offer PKCE with S256, without which a stolen code would be a token")
        }
        guard holds("code", in: "response_types_supported") != false else {
            throw .untrusted("\(issuer) does not offer the response type code")
        }
        namesItself = document["authorization_response_iss_parameter_supported"]?.boolValue == true
        takesClientDocuments = document["client_id_metadata_document_supported"]?.boolValue == true
    }

    /// TLS, or this machine when the issuer is on this machine too.
    static func isSafe(_ url: WebAddress, besides issuer: String) -> Bool {
        guard url.isAcceptable else { return false }
        return url.scheme == .https || WebAddress(issuer)?.scheme == .http
    }

    /// Where the server with that issuer may describe itself (RFC 8414 §3.1 and §5), the first that answers counts.
    static func wellKnownAddresses(of issuer: WebAddress) -> [String] {
        var path = issuer.path[...]
        while path.last == "/" { path.removeLast() }
        let forms = ["oauth-authorization-server", "openid-configuration"]
        let inserted = forms.map { "\(issuer.origin)/.well-known/\($0)\(path)" }
        return path.isEmpty ? inserted : inserted + ["\(issuer.origin)\(path)/.well-known/openid-configuration"]
    }
}
