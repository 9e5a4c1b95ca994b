import Domain
import HTML
import HTTP
import Primitives

/// What a page shows, without the frame around it.
struct Screen: Sendable {
    /// The heading; in the title of the window too.
    var title: String
    /// A sentence below the heading.
    var lead: String?
    /// Whose page it is: decides the navigation beside it.
    var place: Place
    /// The entry of the navigation that this page is, or that it is below: the end of its path, see `Sections.swift`.
    var section: String
    /// Pages between the place and this one.
    var parents: [Crumb] = []
    var status: Status = .ok
    /// Buttons beside the heading.
    var actions: Markup
    var content: Markup

    enum Place: Sendable {
        case nowhere
        case organization(Organization)
        case account(Account)
    }

    struct Crumb: Sendable {
        let title: String
        let path: String
    }

    init(
        _ title: String, _ place: Place = .nowhere, section: String = "-", lead: String? = nil, parents: [Crumb] = [],
        actions: Markup = .nothing, @MarkupBuilder content: () -> Markup
    ) {
        self.title = title
        self.place = place
        self.section = section
        self.lead = lead
        self.parents = parents
        self.actions = actions
        self.content = content()
    }

    // MARK: Pages that say one thing

    static func message(_ title: String, _ sentence: String, status: Status = .ok) -> Screen {
        var screen = Screen(title, lead: sentence) {
            element("p") { element("a", ["class": "button secondary", "href": "/"]) { "Go to the overview" } }
        }
        screen.status = status
        return screen
    }

    static var notFound: Screen {
        var screen = Screen("Nothing is here", lead: "The address may be mistyped, or what it showed is gone.") {
            element("ul", ["class": "plain"]) {
                element("li") { element("a", ["href": "/"]) { "Overview" } }
                element("li") { element("a", ["href": "/accounts"]) { "Accounts that you may see" } }
                element("li") { element("a", ["href": "/organizations"]) { "Organizations that you may see" } }
            }
        }
        screen.status = .notFound
        return screen
    }

    static func refused(_ refusal: Refusal) -> Screen {
        if refusal.httpStatus == 404 { return .notFound }
        var screen = Screen(refusal.httpStatus == 403 ? "You may not do that" : "That did not work") {
            element("div", ["class": "notice bad", "role": "alert"]) {
                for sentence in refusal.sentences { element("p") { sentence } }
            }
            if refusal.httpStatus == 403 {
                element("p") {
                    "Nothing was changed. Whoever manages tokens and members can give you the right, or do it for you."
                }
            }
            element("p") { element("a", ["class": "button secondary", "href": "/"]) { "Go to the overview" } }
        }
        screen.status = Status(UInt16(refusal.httpStatus))
        return screen
    }
}

extension Organization {
    var path: String { "/organizations/\(id.hex)" }
}

extension Account {
    var path: String { "/accounts/\(id.hex)" }
}
