/// What an authorization endpoint answers with (OAuth 2.0 Multiple Response Type Encoding Practices).
package struct ResponseType: Sendable, Hashable {
    package let hasCode: Bool
    package let hasIDToken: Bool
    package let hasAccessToken: Bool

    package init(code: Bool, idToken: Bool, accessToken: Bool) {
        hasCode = code
        hasIDToken = idToken
        hasAccessToken = accessToken
    }

    /// Reads the parameter; the order of its values means nothing. `nil` for an unknown or repeated value, and for none.
    package init?(_ text: String) {
        let values = text.split(separator: " ", omittingEmptySubsequences: false)
        guard Set(values).count == values.count, values.allSatisfy({ ["code", "id_token", "token"].contains($0) })
        else {
            return nil
        }
        self.init(
            code: values.contains("code"), idToken: values.contains("id_token"), accessToken: values.contains("token"))
    }

    /// As discovery documents write it.
    package var text: String {
        [hasCode ? "code" : nil, hasIDToken ? "id_token" : nil, hasAccessToken ? "token" : nil].compactMap { $0 }
            .joined(separator: " ")
    }

    /// Tokens in the answer itself never travel in a query, which servers log.
    package var defaultMode: ResponseMode { hasIDToken || hasAccessToken ? .fragment : .query }

    package func allows(_ mode: ResponseMode) -> Bool { mode != .query || defaultMode == .query }
}

/// How an authorization answer reaches the client.
package enum ResponseMode: String, Sendable, CaseIterable {
    case query, fragment
    /// OAuth 2.0 Form Post Response Mode.
    case formPost = "form_post"
}
