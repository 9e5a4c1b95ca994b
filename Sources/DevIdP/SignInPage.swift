import HTTP

/// The pages that people see.
enum SignInPage {
    /// One button for each person; the request travels along in hidden fields.
    static func choice(of users: [DemoUser], _ request: QueryString) -> Response {
        let hidden = request.items.filter { $0.name != "user" }.map { item in
            "<input type=\"hidden\" name=\"\(escaped(item.name))\" value=\"\(escaped(item.value))\">"
        }
        let buttons = users.map { user in
            let label = "\(escaped(user.name)), \(escaped(user.email))"
            return "<p><button name=\"user\" value=\"\(escaped(user.email))\">\(label)</button></p>"
        }
        return page(
            "Sign in",
            "<form method=\"post\" action=\"/authorize\">\(hidden.joined())\(buttons.joined(separator: "\n"))</form>")
    }

    static func welcome(_ provider: DemoProvider) -> Response {
        let people = provider.users.map { "<li>\(escaped($0.name)), \(escaped($0.email))</li>" }
        return page(
            "Development identity provider",
            """
            <p>Issuer <code>\(escaped(provider.issuer))</code>, client id \
            <code>\(escaped(provider.clientID))</code>, any client secret, password <code>\(DemoUser.password)</code> for everyone.</p><ul>\(people.joined())</ul>
            """)
    }

    private static func page(_ title: String, _ content: String) -> Response {
        var response = Response(
            .ok,
            html: """
                <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
                <title>\(title)</title><h1>\(title)</h1>
                \(content)
                </html>

                """)
        response.fields.append(.cacheControl, "no-store")
        // No form-action: browsers apply it to the redirect that follows a form, which leads to the client.
        response.fields.append(.contentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'")
        response.fields.append(.xContentTypeOptions, "nosniff")
        return response
    }

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}
