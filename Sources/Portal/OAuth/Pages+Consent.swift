import ControlPlane
import Domain
import HTML
import HTTP
import OAuth
import Primitives

extension Pages {
    /// A program asked for something that cannot be answered to anybody.
    func clientFault(_ detail: String) -> Response {
        page(.badRequest, "This program cannot be connected") {
            element("p") { detail }
            element("p", ["class": "muted"]) {
                "Code "
                element("code") { "invalid_client" }
            }
        }
    }

    func consent(_ question: ConsentQuestion) -> Response {
        let client = question.client
        let target = RedirectTarget(question.redirectURI)
        return page(.ok, "Allow access to \(question.target.name)?", formsTo: [target.source]) {
            element("h1") { "Allow access to \(question.target.name)?" }
            element("p") {
                element("strong") { client.name }
                " wants to use "
                element("strong") { question.target.name }
                " as you, "
                element("strong") { question.email }
                "."
            }
            element("dl", ["class": "facts"]) {
                element("dt") { "Name" }
                element("dd") { client.name + " (chosen by the program, not verified)" }
                if client.kind == .document {
                    element("dt") { "Described at" }
                    element("dd") { WebAddress(client.clientID)?.authority ?? client.clientID }
                }
                element("dt") { "Client id" }
                element("dd") { element("code") { client.clientID } }
                element("dt") { "Answer goes to" }
                element("dd") { target.text }
                element("dt") { "For at most" }
                element("dd") { Self.words(question.lifetime) }
            }
            element("p", ["class": "muted"]) {
                "It can do what you can do there, and the log shows that it was the program. You can end this at any time under Connected programs."
            }
            element("form", ["method": "post", "action": "/cdn-cgi/access/oauth/consent", "class": "actions"]) {
                element("input", ["type": "hidden", "name": "ticket", "value": question.ticket])
                element("button", ["type": "submit", "name": "decision", "value": "allow", "class": "button"]) {
                    "Allow"
                }
                element("button", ["type": "submit", "name": "decision", "value": "deny", "class": "button secondary"])
                {
                    "Deny"
                }
            }
        }
    }

    /// A length of time as people say it.
    static func words(_ lifetime: Duration) -> String {
        let minutes = lifetime.wholeMicroseconds / 60_000_000
        func plural(_ count: Int64, _ unit: String) -> String { "\(count) \(unit)\(count == 1 ? "" : "s")" }
        if minutes >= 2880, minutes % 1440 == 0 { return plural(minutes / 1440, "day") }
        if minutes >= 60 {
            return plural(minutes / 60, "hour") + (minutes % 60 == 0 ? "" : " " + plural(minutes % 60, "minute"))
        }
        return plural(max(1, minutes), "minute")
    }
}

/// Where an answer goes, as people and browsers are told.
struct RedirectTarget {
    /// The host, or the scheme of an application on the person's own machine.
    let text: String
    /// What `form-action` has to name: browsers apply it to the redirect that follows a form.
    let source: String

    init(_ uri: String) {
        guard let address = WebAddress(uri) else {
            let scheme = String(uri.prefix { $0 != ":" }).lowercased()
            text = "an application on this machine that answers to \(scheme):"
            source = "\(scheme):"
            return
        }
        text = address.isLoopback ? "a program on this machine (\(address.authority))" : address.authority
        // The grammar of policies has no IPv6 addresses (CSP Level 3 §2.3.1): nothing narrower than the port fits.
        let isIPv6 = address.host.utf8.contains(UInt8(ascii: ":"))
        source = isIPv6 ? "\(address.scheme.rawValue)://*:\(address.port)" : address.origin
    }
}
