package import HTTP

/// The answer of an authorization endpoint: parameters on their way to a redirect URI that was checked.
package struct AuthorizationAnswer: Sendable, Equatable {
    package let redirectURI: String
    package let mode: ResponseMode
    package private(set) var parameters = QueryString()

    /// - Parameters:
    ///   - state: comes back unchanged.
    ///   - issuer: tells the client whose answer it is (RFC 9207).
    package init(to redirectURI: String, _ mode: ResponseMode, state: String?, issuer: String) {
        self.redirectURI = redirectURI
        self.mode = mode
        if let state { parameters.append("state", state) }
        parameters.append("iss", issuer)
    }

    package mutating func append(_ name: String, _ value: String) { parameters.append(name, value) }

    package func refusing(_ error: OAuthError) -> AuthorizationAnswer {
        var answer = self
        answer.append("error", error.code.rawValue)
        answer.append("error_description", error.detail)
        return answer
    }

    /// Where a redirect leads; of no meaning for ``ResponseMode/formPost``.
    package var address: String {
        switch mode {
        case .query, .formPost:
            redirectURI + (redirectURI.utf8.contains(UInt8(ascii: "?")) ? "&" : "?") + parameters.text
        case .fragment: redirectURI + "#" + parameters.text
        }
    }
}
