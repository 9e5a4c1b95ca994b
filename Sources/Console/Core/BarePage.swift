import Domain
import HTML
import HTTP
import Primitives
import Store
import Telemetry

/// Pages without navigation: before there is a session, and when something broke.
enum BarePage {
    static func card(_ status: Status, _ title: String, @MarkupBuilder _ content: () -> Markup) -> Response {
        let inner = content()
        return html(status, title) {
            element("main", ["class": "sign-in"]) { element("div", ["class": "card"]) { inner } }
        }
    }

    static func message(_ title: String, _ sentence: String, _ status: Status) -> Response {
        card(status, title) {
            element("header") {
                element("h1") { title }
                element("p", ["class": "lead"]) { sentence }
            }
            element("p") { element("a", ["class": "button secondary", "href": "/"]) { "Open the console" } }
        }
    }

    /// A failure that is no answer; logged once, here.
    static func failed(_ failure: Failure, _ request: Request, _ options: ConsoleOptions) -> Response {
        if case .refused(let refusal) = failure {
            return message(
                "That did not work", refusal.sentences.joined(separator: " "), Status(UInt16(refusal.httpStatus)))
        }
        options.logger.error(
            "console_failed", .string("ray", request.rayText), .string("cause", "\(failure)"))
        var status = Status.internalServerError
        if case .unavailable = failure { status = .serviceUnavailable }
        return message(
            "Something went wrong",
            "Try again in a moment. If it goes on, the log of the server says more under ray id \(request.rayText)-ORG.",
            status)
    }

    /// A whole document with the headers that every page of the console has.
    static func html(_ status: Status, _ title: String, @MarkupBuilder _ body: () -> Markup) -> Response {
        let page = Page(
            title: "\(title) · orgd", stylesheet: Assets.stylesheetPath, script: Assets.scriptPath, body: body)
        var response = Response(status, fields: [.contentType: "text/html; charset=utf-8"], body: .bytes(page.bytes))
        harden(&response)
        return response
    }

    private static let policy = """
        default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
        form-action 'self'; frame-ancestors 'none'; base-uri 'none'
        """

    static func harden(_ response: inout Response) {
        response.fields.append(.contentSecurityPolicy, policy)
        // Without an origin that is worth its name, forms could not be told from those of strangers.
        response.fields.append(.referrerPolicy, "same-origin")
        response.fields.append(.xFrameOptions, "DENY")
        response.fields.append(.xContentTypeOptions, "nosniff")
        response.fields.append(.cacheControl, "no-store")
        if let name = FieldName("cross-origin-opener-policy") { response.fields.append(name, "same-origin") }
    }
}

extension Refusal {
    /// What is wrong, for people.
    var sentences: [String] { problems.map(\.sentence) }
}

extension Problem {
    /// The detail, in which a value deep in the body is called by its own name instead of by its pointer.
    private var named: String {
        guard let path = pointer?.dropFirst(), path.contains("/"), detail.hasPrefix(path + " ") else { return detail }
        let parts = path.split(separator: "/")
        let isItem = parts.last.map { Int($0) != nil } ?? false
        let name = (isItem ? parts.dropLast() : parts[...]).last.map { $0.replacing("_", with: " ") } ?? "this"
        let number = isItem ? parts.last.flatMap { Int($0) }.map { " \($0 + 1)" } ?? "" : ""
        return name + number + detail.dropFirst(path.count)
    }

    /// A sentence with a capital and a full stop.
    var sentence: String {
        let text = detail.isEmpty ? code.token : named
        let ended = text.hasSuffix(".") || text.hasSuffix("!") || text.hasSuffix("?") ? text : text + "."
        return ended.prefix(1).uppercased() + ended.dropFirst()
    }
}
