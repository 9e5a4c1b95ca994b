import ControlPlane
import Domain
import HTML
import HTTP
import JSON

/// The pages that people see. No script, a strict policy, and on each the ray id that logs know it by.
struct Pages {
    let ray: String
    let team: TeamSettings?

    static let stylesheetPath = "/cdn-cgi/access/style.css"
    static let themePath = "/cdn-cgi/access/theme.css"

    // MARK: Frame

    /// One card in the middle, dressed as the organization likes it (`login_design`).
    func page(
        _ status: Status, _ title: String, formsTo targets: [String] = [], @MarkupBuilder _ content: () -> Markup
    ) -> Response {
        let inner = content()
        return document(status, title, formsTo: targets, theme: team?.theme == nil ? nil : Self.themePath) {
            element("main", ["class": "sign-in"]) {
                element("div", ["class": "card"]) {
                    logo
                    inner
                }
                if let text = design("footer_text") { element("p", ["class": "footer"]) { text } }
                element("p", ["class": "footer"]) {
                    "Ray id "
                    element("code") { ray }
                }
            }
        }
    }

    /// A whole page, whatever is on it.
    func document(
        _ status: Status, _ title: String, formsTo targets: [String] = [], theme: String? = nil,
        @MarkupBuilder _ content: () -> Markup
    ) -> Response {
        let page = Page(
            title: title, stylesheet: Self.stylesheetPath, theme: theme, body: content)
        var response = Response(status, fields: [.contentType: "text/html; charset=utf-8"], body: .bytes(page.bytes))
        Self.harden(&response, formsTo: targets)
        response.fields.append(.cacheControl, "no-store")
        return response
    }

    /// Nothing but our own style sheet and pictures may load, and nobody may frame a page.
    ///
    /// - Parameter targets: origins that an answer to a form of the page may lead to: browsers hold redirects against
    ///   `form-action` too.
    static func harden(_ response: inout Response, formsTo targets: [String]) {
        let forms = (["'self'"] + targets).joined(separator: " ")
        response.fields.append(
            .contentSecurityPolicy,
            "default-src 'none'; style-src 'self'; img-src https: 'self'; form-action \(forms); frame-ancestors 'none'; base-uri 'none'"
        )
        protect(&response)
    }

    static func protect(_ response: inout Response) {
        response.fields.append(.referrerPolicy, "no-referrer")
        response.fields.append(.xFrameOptions, "DENY")
        response.fields.append(.xContentTypeOptions, "nosniff")
    }

    static func stylesheet() -> Response { css(Stylesheet.text) }

    static func css(_ text: String, for seconds: Int = 3600) -> Response {
        var response = Response(
            .ok, fields: [.contentType: "text/css; charset=utf-8"], body: .bytes(Array(text.utf8)))
        response.fields.append(.cacheControl, "public, max-age=\(seconds)")
        response.fields.append(.xContentTypeOptions, "nosniff")
        return response
    }

    // MARK: Parts

    func design(_ name: String) -> String? {
        team?.document["login_design"]?[name]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    }

    private var logo: Markup? {
        guard let path = design("logo_path"), path.hasPrefix("https://") else { return nil }
        return element("header") {
            element("div", ["class": "brand"]) {
                element("img", ["class": "logo", "src": path, "alt": team?.name ?? ""])
            }
        }
    }

    static func icon(_ name: String) -> Markup { element("span", ["class": "icon \(name)", "aria-hidden": true]) }

    static func heading(_ title: String, icon: String? = nil, @MarkupBuilder _ lead: () -> Markup) -> Markup {
        let lead = lead()
        return element("header") {
            if let icon { Self.icon(icon + " large") }
            // A line of a heading does not end in the middle of a word.
            element("h1") { title.replacing("sign-in", with: "sign\u{2011}in") }
            if !lead.isEmpty { element("p", ["class": "lead"]) { lead } }
        }
    }

    /// What an administrator will ask for.
    func facts(_ rows: [(String, String)]) -> Markup {
        element("dl", ["class": "facts"]) {
            for (name, value) in rows where !value.isEmpty {
                element("dt") { name }
                element("dd") { element("code") { value } }
            }
        }
    }

    static func hidden(_ name: String, _ value: String) -> Markup {
        element("input", ["type": "hidden", "name": name, "value": value])
    }
}

extension TeamSettings {
    /// The colours of `login_design`, where there are any.
    var theme: Theme? {
        func color(_ name: String) -> HexColor? {
            document["login_design"]?[name]?.stringValue.flatMap { HexColor($0) }
        }
        guard let background = color("background_color") else { return nil }
        return Theme(background: background, text: color("text_color"))
    }
}
