import ControlPlane
import Domain
import HTML
import HTTP
import JSON

/// The App Launcher: what somebody may open, as tiles.
extension Pages {
    static let launcherThemePath = "/cdn-cgi/access/launcher.css"

    func launcher(_ identity: Identity, _ tiles: [LauncherTile], _ settings: GuardedApplication?, isApprover: Bool) -> Response {
        document(.ok, "Your applications", theme: settings?.launcherTheme == nil ? nil : Self.launcherThemePath) {
            bar(team?.name ?? "", identity.email, logo: settings?.text("app_launcher_logo_url"))
            element("main", ["class": "page"]) {
                element("header") {
                    element("h1") { "Your applications" }
                    element("p", ["class": "lead"]) {
                        tiles.isEmpty
                            ? "There is nothing here that you may open. Ask the administrator of your team for access."
                            : "What you may open in \(team?.name ?? "")."
                    }
                }
                if !tiles.isEmpty {
                    element("ul", ["class": "apps"]) { for tile in tiles { Self.item(tile) } }
                }
                element("footer", ["class": "small muted"]) {
                    if isApprover {
                        element("p") { element("a", ["href": Self.approvalsPath]) { "Logins that wait for your approval" } }
                    }
                    for (name, address) in settings?.footerLinks ?? [] {
                        element("p") { element("a", ["href": address, "rel": "noopener noreferrer"]) { name } }
                    }
                    element("p") {
                        "Ray id "
                        element("code") { ray }
                    }
                }
            }
        }
    }

    private static func item(_ tile: LauncherTile) -> Markup {
        element("li") {
            element("a", ["href": tile.address]) {
                if let logo = tile.logo, logo.hasPrefix("https://") {
                    element("img", ["class": "icon", "src": logo, "alt": "", "loading": "lazy"])
                } else {
                    element("span", ["class": "icon monogram", "aria-hidden": true]) { tile.name.prefix(1) }
                }
                element("span") {
                    element("bdi") { tile.name }
                    element("small") { host(tile.address) }
                }
            }
        }
    }

    private static func host(_ address: String) -> String {
        let rest = address.hasPrefix("https://") ? address.dropFirst(8) : address.dropFirst(7)
        return String(rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" })
    }
}

extension GuardedApplication {
    var footerLinks: [(name: String, address: String)] {
        (document["footer_links"]?.arrayValue ?? []).compactMap { link in
            guard let name = link["name"]?.stringValue, let address = link["url"]?.stringValue else { return nil }
            return (name, address)
        }
    }

    /// The colours of the launcher as CSS; `nil` where none are set. Text on them is black or white, whichever reads better.
    var launcherTheme: String? {
        var css = ""
        if let color = text("bg_color").flatMap({ HexColor($0) }) {
            let ink = Self.ink(on: color)
            css += "body, .page > header, .page .lead, .page > footer { background: \(color.text); color: \(ink); }\n"
            css += ".page > footer a, .page .muted { color: \(ink); }\n"
        }
        if let color = text("header_bg_color").flatMap({ HexColor($0) }) {
            let ink = Self.ink(on: color)
            css += ".bar, .bar .muted, .bar .button { background: \(color.text); color: \(ink); }\n"
        }
        return css.isEmpty ? nil : css
    }

    private static func ink(on color: HexColor) -> String {
        color.contrast(to: .white) >= color.contrast(to: .black) ? "#ffffff" : "#000000"
    }
}
