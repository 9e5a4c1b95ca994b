import HTML

extension SamplePages {
    static func card(title: String, theme: String? = nil, @MarkupBuilder _ content: () -> Markup) -> Page {
        let content = content()
        return Page(title: title, stylesheet: "style.css", theme: theme) {
            element("main", ["class": "sign-in"]) {
                element("div", ["class": "card"]) { content }
                element("p", ["class": "footer"]) { "Questions? Ask the help desk, extension 42." }
            }
        }
    }

    static func header(_ title: String, _ lead: String) -> Markup {
        element("header") {
            element("h1") { title }
            element("p", ["class": "lead"]) { lead }
        }
    }

    static func icon(_ name: String) -> Markup {
        element("span", ["class": "icon \(name)", "aria-hidden": true])
    }

    static func choice(
        _ name: String, icon: String? = nil, monogram: String = "", detail: String? = nil
    ) -> Markup {
        element("li") {
            element("a", ["href": "/idp"]) {
                if let icon { Self.icon(icon) } else { element("span", ["class": "icon monogram"]) { monogram } }
                element("span") {
                    name
                    if let detail { element("small") { detail } }
                }
            }
        }
    }

    static func facts(_ code: String) -> Markup {
        element("dl", ["class": "facts"]) {
            element("dt") { "Code" }
            element("dd") { element("code") { code } }
            element("dt") { "Ray id" }
            element("dd") { element("code") { "8f2c1b7d9e0a4c63" } }
        }
    }

    static func bar(_ name: String) -> Markup {
        element("header", ["class": "bar"]) {
            element("div", ["class": "brand"]) {
                element("span", ["class": "mark"]) { icon("icon-lock") }
                name
            }
            element("div") {
                element("span", ["class": "small muted"]) { "ada@example.org" }
                element("a", ["class": "button quiet", "href": "/logout"]) {
                    icon("icon-out")
                    element("span") { "Sign out" }
                }
            }
        }
    }

    static func tile(_ name: String, _ host: String, icon: String? = nil) -> Markup {
        element("li") {
            element("a", ["href": "https://\(host)/"]) {
                if let icon { Self.icon(icon) } else { element("span", ["class": "icon monogram"]) { name.prefix(1) } }
                element("span") {
                    element("bdi") { name }
                    element("small") { host }
                }
            }
        }
    }

    static func figure(_ number: String, _ label: String) -> Markup {
        element("div", ["class": "card figure"]) {
            element("b") { number }
            element("span") { label }
        }
    }

    static func request(_ person: String, _ app: String, _ sign: String, _ result: String, _ time: String) -> Markup {
        element("tr") {
            element("th", ["scope": "row"]) { person }
            element("td") { app }
            element("td") { element("span", ["class": "badge \(sign)"]) { result } }
            element("td", ["class": "number"]) { time }
        }
    }
}
