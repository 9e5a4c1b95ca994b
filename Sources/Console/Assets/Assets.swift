import Crypto
import HTML
import HTTP
import Primitives

/// The style sheet and the script, at addresses that change with what is in them.
enum Assets {
    static let stylesheet = Stylesheet.text + Stylesheet.console + Stylesheet.consoleAccess
    static let stylesheetPath = "/assets/\(digest(of: stylesheet)).css"
    static let scriptPath = "/assets/\(digest(of: ConsoleScript.text)).js"

    /// `nil` for everything that is no asset.
    static func answer(to request: Request) -> Response? {
        guard request.method == .get || request.method == .head else { return nil }
        switch request.path {
        case stylesheetPath: return lasting(stylesheet, "text/css; charset=utf-8")
        case scriptPath: return lasting(ConsoleScript.text, "text/javascript; charset=utf-8")
        case "/favicon.ico": return lasting(icon, "image/svg+xml")
        default: return nil
        }
    }

    private static func lasting(_ text: String, _ type: String) -> Response {
        var response = Response(.ok, fields: [.contentType: type], body: .bytes(Array(text.utf8)))
        response.fields.append(.cacheControl, "public, max-age=31536000, immutable")
        response.fields.append(.xContentTypeOptions, "nosniff")
        return response
    }

    private static func digest(of text: String) -> String { Hex.encode(Array(SHA256.hash(text).bytes.prefix(8))) }

    private static let icon = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#2457d6"/>\
        <path fill="#fff" d="M6 25V8h12v5h8v12zm3-13h3V10H9zm5 0h3V10h-3zM9 17h3v-3H9zm5 0h3v-3h-3zm7 1h3v-3h-3zM9 22h3v-3H9z"/></svg>
        """
}
