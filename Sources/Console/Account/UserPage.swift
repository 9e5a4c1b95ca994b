import ControlPlane
import Domain
import HTML
import HTTP
import Primitives
import Store

/// One person: the seat, the sessions, how they came last, and what they allowed programs.
enum UserPage: ConsolePages {
    private static let one = "/accounts/{account_id}/users/{user_id}"

    static let routes: [ConsoleRoute] = [
        .get(one, .account(.zeroTrustRead), .page(Access.page(page))),
        .post(
            one + "/revoke", .account(.identityRevoke), .accessUser, .update, page: Access.page(page),
            Access.form(revoke)),
        .post(one + "/seat", .account(.zeroTrustWrite), .seats, .update, page: Access.page(page), Access.form(seat)),
        .post(
            one + "/delete", .account(.zeroTrustWrite), .accessUser, .delete, page: Access.page(page),
            Access.form(delete)),
    ]

    private static func user(_ reader: any Reading, _ view: View) throws(Failure) -> AccessUser {
        guard let user = try reader.accessUser(view.path.id("user_id"), in: view.account) else {
            throw .refused(.accessNotFound, "user not found")
        }
        return user
    }

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let user = try user(call.reader, view)
        let list = "\(account.path)/users"
        let path = "\(list)/\(user.id.uuid)"
        let sessions = try call.reader.sessions(of: user.id, in: account.id, at: view.now)
        let opened = try call.reader.openedApplications(of: user.id)
        let grants = try call.reader.managedGrants(of: user.id, in: account.id, at: view.now)
        let last = try call.reader.lastLogin(of: user.id, in: account.id)
        return Screen(
            user.email, .account(account), section: "/users", lead: user.name.isEmpty ? "User" : user.name,
            parents: [Screen.Crumb(title: "Users and sessions", path: list)]
        ) {
            UI.facts(
                [
                    ("Seat", user.seatBadge),
                    ("Last sign-in", user.lastSuccessfulLogin.map { UI.time($0) } ?? .text("never")),
                    ("User ID", UI.copyable(user.id.uuid, id: "user-id")),
                    ("Since", UI.time(user.createdAt)),
                ])
            UI.card("Open sessions", id: "sessions") {
                if sessions.isEmpty {
                    element("p", ["class": "muted"]) { "None at the moment." }
                } else {
                    UI.table(
                        "Open sessions", sessions,
                        [
                            Column("Began", isHeader: true) { UI.time($0.createdAt) },
                            Column("Ends") { UI.time($0.expiresAt) },
                            Column("From") { session in
                                [session.address, session.country].filter { !$0.isEmpty }.joined(separator: ", ")
                            },
                            Column("Applications") { session in
                                let names = opened.filter { $0.session == session.nonce }.map(\.name)
                                names.isEmpty ? "none yet" : names.joined(separator: ", ")
                            },
                        ])
                }
                if view.may(.identityRevoke) {
                    view.action("End all sessions", to: path + "/revoke", sessions.isEmpty ? "secondary" : "danger")
                }
            }
            identity(last, in: account)
            programs(grants, user, account, view)
            if view.rights.contains(.accessAuditLogsRead) {
                var query = QueryString()
                let _ = query.append("email", user.email)
                element("p") { UI.link("Sign-ins in the access log", "\(account.path)/access-log?\(query.text)") }
            }
            if view.may(.zeroTrustWrite) {
                UI.card("Seat and account") {
                    element("p") {
                        user.hasAccessSeat
                            ? "Whoever loses the seat is signed out, and takes one again with the next sign-in."
                            : "Takes a seat with the next sign-in."
                    }
                    element("div", ["class": "inline-actions"]) {
                        if user.hasAccessSeat {
                            view.action("Free the seat", to: path + "/seat")
                        }
                        view.action("Delete user", to: path + "/delete", "danger")
                    }
                }
            }
        }
    }

    @MarkupBuilder private static func identity(_ last: LastLogin?, in account: Account) -> Markup {
        if let last, let identity = try? StoredIdentity(last, in: account.id) {
            UI.card("Last seen identity", id: "identity") {
                UI.facts(
                    [
                        ("At", UI.time(last.at)), ("Name", .text(identity.identity.name)),
                        ("From", .text([last.address, last.country].filter { !$0.isEmpty }.joined(separator: ", "))),
                        (
                            "Identity provider",
                            element("span") {
                                identity.identity.provider.type.title
                                if identity.identity.provider.source != nil {
                                    " "
                                    UI.badge("over the bridge", .good)
                                }
                            }
                        ),
                        (
                            "Groups",
                            .text(
                                identity.identity.groups.isEmpty
                                    ? "none" : identity.identity.groups.joined(separator: ", "))
                        ),
                        (
                            "Methods",
                            .text(
                                identity.identity.amr.isEmpty
                                    ? "not told" : identity.identity.amr.joined(separator: ", "))
                        ),
                    ])
            }
        }
    }

    @MarkupBuilder private static func programs(
        _ grants: [ListedGrant], _ user: AccessUser, _ account: Account, _ view: View
    ) -> Markup {
        if !grants.isEmpty {
            UI.card("Programs that act for this person", id: "programs") {
                UI.table(
                    "Programs", grants,
                    [
                        Column("Program", isHeader: true) { $0.name },
                        Column("At") { $0.place(account) },
                        Column("Since") { UI.time($0.createdAt) },
                        Column("Until") { UI.time($0.expiresAt) },
                        Column("#Actions") { grant in
                            if view.may(.zeroTrustWrite) {
                                view.action(
                                    "Take back", to: "\(account.path)/agents/\(grant.id.uuid)/end", about: grant.name,
                                    [("user", user.id.uuid), ("name", grant.name), ("back", "user")])
                            }
                        },
                    ])
            }
        }
    }

    // MARK: Acts

    @Sendable static func revoke(_ call: FormCall) throws(Failure) -> Outcome {
        let (user, account) = (try user(call.reader, call.view), call.account)
        let path = "\(call.home)/users/\(user.id.uuid)"
        let sessions = try call.reader.sessions(of: user.id, in: account, at: call.act.now).count
        let grants = try call.reader.managedGrants(of: user.id, in: account, at: call.act.now).count
        let plan = Plan(
            title: "End all sessions of \(user.email)", question: "Everywhere in this account, at the next click.",
            verb: "End all sessions", cancel: path)
        var lines = [BridgeEffects.Line(text: "\(sessions.of("session")) would end.", tone: .warn)]
        if grants > 0 {
            lines.append(BridgeEffects.Line(text: "\(grants.of("permission")) of programs would end.", tone: .warn))
        }
        lines.append(BridgeEffects.Line(text: "They cannot sign in again for a minute.", tone: .warn))
        let shown = try call.confirm(plan, .account(try call.place()), lines) { (act) throws(Failure) in
            try act.revokeUser(email: user.email, in: account)
        }
        if let shown { return shown }
        try call.act.revokeUser(email: user.email, in: account)
        return .done(path, "The sessions of \(user.email) have ended.")
    }

    @Sendable static func seat(_ call: FormCall) throws(Failure) -> Outcome {
        let (user, account) = (try user(call.reader, call.view), call.account)
        let path = "\(call.home)/users/\(user.id.uuid)"
        let change = SeatChange(seat: user.seat, hasAccessSeat: false, hasGatewaySeat: user.hasGatewaySeat)
        let plan = Plan(
            title: "Free the seat of \(user.email)", question: "They take one again when they sign in.",
            verb: "Free the seat", cancel: path)
        let sessions = try call.reader.sessions(of: user.id, in: account, at: call.act.now).count
        let lines = [BridgeEffects.Line(text: "\(sessions.of("session")) would end.", tone: .warn)]
        let shown = try call.confirm(plan, .account(try call.place()), lines) { (act) throws(Failure) in
            _ = try act.changeSeats([change], in: account)
        }
        if let shown { return shown }
        _ = try call.act.changeSeats([change], in: account)
        return .done(path, "The seat of \(user.email) is free.")
    }

    @Sendable static func delete(_ call: FormCall) throws(Failure) -> Outcome {
        let (user, account) = (try user(call.reader, call.view), call.account)
        let list = "\(call.home)/users"
        let sessions = try call.reader.sessions(of: user.id, in: account, at: call.act.now).count
        let plan = Plan(
            title: "Delete \(user.email)", question: "Whoever signs in again is somebody new to applications.",
            verb: "Delete user", cancel: "\(list)/\(user.id.uuid)")
        let lines = [
            BridgeEffects.Line(text: "\(sessions.of("session")) would end.", tone: .warn),
            BridgeEffects.Line(text: "The subject (sub) that applications know this person by is gone.", tone: .bad),
        ]
        let shown = try call.confirm(plan, .account(try call.place()), lines) { (act) throws(Failure) in
            try act.deleteAccessUser(user.id, in: account)
        }
        if let shown { return shown }
        try call.act.deleteAccessUser(user.id, in: account)
        return .done(list, "\(user.email) was deleted.")
    }
}
