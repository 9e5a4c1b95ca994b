import ControlPlane
import Domain
import HTML
import HTTP
import Primitives
import Store

/// The frame around every page: bar, navigation, breadcrumbs, heading, and what there is to say about the form before.
extension View {
    func response(_ screen: Screen, in reader: any Reading) throws(Failure) -> Response {
        let known = try Surroundings(screen.place, self, reader)
        var response = BarePage.html(screen.status, windowTitle(screen)) {
            element("a", ["class": "skip", "href": "#main"]) { "Skip to the content" }
            bar(known, screen)
            element("div", ["class": "shell"]) {
                element("nav", ["class": "side", "aria-label": "Console"]) { navigation(known, screen) }
                element("main", ["id": "main", "class": "content", "tabindex": -1]) {
                    breadcrumbs(known, screen)
                    element("header", ["class": "heading"]) {
                        element("div") {
                            element("h1") { screen.title }
                            if let lead = screen.lead { element("p", ["class": "lead"]) { lead } }
                        }
                        if !screen.actions.isEmpty { element("div", ["class": "tools"]) { screen.actions } }
                    }
                    said
                    screen.content
                }
            }
        }
        if flash != nil, !request.isRefresh {
            let cookies = ConsoleCookies(settings)
            response.fields.append(.setCookie, cookies.clear(cookies.flash))
        }
        return response
    }

    private func windowTitle(_ screen: Screen) -> String {
        switch screen.place {
        case .nowhere: screen.title
        case .organization(let organization) where organization.name != screen.title:
            "\(screen.title) · \(organization.name)"
        case .account(let account) where account.name != screen.title: "\(screen.title) · \(account.name)"
        case .organization, .account: screen.title
        }
    }

    // MARK: Bar

    private func bar(_ known: Surroundings, _ screen: Screen) -> Markup {
        element("header", ["class": "bar top"]) {
            element("a", ["class": "brand", "href": "/"]) {
                UI.mark
                element("span") { "orgd" }
            }
            element("div") {
                element("span", ["class": "muted who"]) { session.name(of: principal) }
                form(to: "/sign-out") {
                    element("button", ["class": "button quiet", "type": "submit"]) { "Sign out" }
                }
                element("details", ["class": "menu"]) {
                    element("summary", ["class": "button secondary"]) { "Menu" }
                    element("nav", ["aria-label": "Menu"]) { navigation(known, screen) }
                }
            }
        }
    }

    // MARK: Navigation

    @MarkupBuilder private func navigation(_ known: Surroundings, _ screen: Screen) -> Markup {
        if known.organizations.count > 1 {
            element("details", ["class": "switcher"]) {
                element("summary") { known.organization?.name ?? "Organizations" }
                element("ul") {
                    for organization in known.organizations {
                        element("li") {
                            element(
                                "a",
                                [
                                    "href": organization.path,
                                    "aria-current": organization.id == known.organization?.id ? "true" : nil,
                                ]
                            ) { organization.name }
                        }
                    }
                    element("li") { element("a", ["href": "/organizations"]) { "All organizations" } }
                }
            }
        }
        if let organization = known.organization {
            group(
                organization.name, organization.path, OrganizationSections.all, known.organizationRights,
                isHere: { section in
                    if case .organization = screen.place { section == screen.section } else { false }
                })
        }
        if case .account(let account) = screen.place {
            group(account.name, account.path, AccountSections.all, rights, isHere: { $0 == screen.section })
        }
        element("ul", ["class": "links"]) {
            link("All accounts", "/accounts", isHere: request.path == "/accounts")
            link("All organizations", "/organizations", isHere: request.path == "/organizations")
        }
    }

    @MarkupBuilder private func group(
        _ title: String, _ path: String, _ sections: [Section], _ rights: PermissionSet, isHere: (String) -> Bool
    ) -> Markup {
        element("p", ["class": "group"]) { title }
        element("ul", ["class": "links"]) {
            for section in sections where rights.contains(section.permission) {
                link(section.title, path + section.path, isHere: isHere(section.path))
            }
        }
    }

    private func link(_ title: String, _ path: String, isHere: Bool) -> Markup {
        element("li") { element("a", ["href": path, "aria-current": isHere ? "page" : nil]) { title } }
    }

    // MARK: Breadcrumbs

    private func breadcrumbs(_ known: Surroundings, _ screen: Screen) -> Markup? {
        var crumbs: [Screen.Crumb] = []
        if let organization = known.organization {
            crumbs.append(Screen.Crumb(title: organization.name, path: organization.path))
        }
        if case .account(let account) = screen.place {
            crumbs.append(Screen.Crumb(title: account.name, path: account.path))
        }
        crumbs += screen.parents
        crumbs.removeAll { $0.path == request.path || $0.title == screen.title && screen.section.isEmpty }
        guard !crumbs.isEmpty else { return nil }
        return element("nav", ["class": "crumbs", "aria-label": "Breadcrumbs"]) {
            element("ol") {
                for crumb in crumbs { element("li") { element("a", ["href": crumb.path]) { crumb.title } } }
                element("li", ["aria-current": "page"]) { screen.title }
            }
        }
    }

    // MARK: What there is to say

    /// What the request before did, that this account only shows, or what is wrong with the form.
    @MarkupBuilder private var said: Markup {
        if let flash, submission == nil {
            element("p", ["class": "notice \(flash.tone.rawValue)", "role": "status"]) { flash.sentence }
        }
        if isReadOnly {
            element("p", ["class": "notice warn"]) {
                "The Zero Trust settings of this account let nobody change it here: its configuration comes through the API."
            }
        }
        if let submission {
            element("div", ["class": "notice bad", "role": "alert"]) {
                element("h2") { "Nothing was changed" }
                element("ul", ["class": "plain"]) {
                    for problem in submission.refusal.problems {
                        element("li") {
                            if let field = problem.field, submission.form.items.count(field) > 0 {
                                element("a", ["href": "#\(UI.id(field))"]) { problem.sentence }
                            } else {
                                problem.sentence
                            }
                        }
                    }
                }
            }
        }
    }
}

extension Problem {
    /// The field of a form that this is about.
    var field: String? { pointer.flatMap { $0.hasPrefix("/") ? String($0.dropFirst()) : nil } }
}

/// What the frame needs to know around a page: a constant number of statements.
private struct Surroundings {
    /// Those that the caller may see and that are below no other of them.
    let organizations: [Organization]
    /// The organization of the page, where the caller may see it.
    let organization: Organization?
    let organizationRights: PermissionSet

    init(_ place: Screen.Place, _ view: View, _ reader: any Reading) throws(Failure) {
        organizations = try reader.topOrganizations(of: view.principal, limit: 20)
        var here: OrganizationID?
        switch place {
        case .organization(let organization): here = organization.id
        case .account(let account): here = account.owner?.id
        case .nowhere: here = organizations.count == 1 ? organizations[0].id : nil
        }
        guard let here else {
            organization = nil
            organizationRights = []
            return
        }
        let rights = try view.rights(on: here, in: reader)
        let isVisible = rights.contains(.organizationRead)
        organization = isVisible ? try reader.organization(here) : nil
        organizationRights = isVisible ? rights : []
    }
}

extension Reading {
    /// The organizations that somebody may see and that are below no other of them, oldest first.
    func topOrganizations(of principal: Principal, limit: Int) throws(Failure) -> [Organization] {
        let ids = try topOrganizations(within: Reach.of(principal, [.organizationRead]), limit: limit)
        guard !ids.isEmpty else { return [] }
        var filter = OrganizationFilter()
        filter.ids = ids
        return try organizations(
            within: Reach.of(principal, [.organizationRead]), filter, after: nil, limit: limit
        ).items
    }
}
