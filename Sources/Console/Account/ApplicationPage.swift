import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// One application: where it answers, who gets in, and what programs may do there.
enum ApplicationPage: ConsolePages {
    private static let one = "/accounts/{account_id}/applications/{app_id}"

    static let routes: [ConsoleRoute] = [
        .get(one, .account(.appsRead), .page(Access.page(page))),
        .get(one + "/edit", .account(.appsWrite), .page(Access.page(editPage))),
        .post(
            one + "/edit", .account(.appsWrite), .application, .update, page: Access.page(editPage), Access.form(save)),
        .post(one + "/oauth", .account(.appsWrite), .application, .update, page: Access.page(page), Access.form(oauth)),
        .post(
            one + "/revoke", .account(.appsRevoke), .application, .update, page: Access.page(page), Access.form(revoke)),
        .post(
            one + "/delete", .account(.appsWrite), .application, .delete, page: Access.page(page), Access.form(delete)),
        .post(
            one + "/programs", .account(.appsRevoke), .oauthClient, .delete, page: Access.page(page),
            Access.form(endProgram)),
    ]

    static func application(_ reader: any Reading, _ view: View) throws(Failure) -> Application {
        guard let application = try reader.application(.id(view.path.id("app_id")), in: view.account) else {
            throw .refused(.accessNotFound, "application not found")
        }
        return application
    }

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let application = try application(call.reader, view)
        let policies = try call.reader.policies(of: application.id)
        let path = "\(account.path)/applications/\(application.id.uuid)"
        let parts = ApplicationParts(application: application, policies: policies, path: path, call: call)
        let facts = try parts.facts()
        let who = application.type.hasLogin ? try ApplicationPolicies.card(parts) : .nothing
        let question = application.type.hasLogin ? try parts.question(in: account) : .nothing
        let oauth = application.type.canHaveManagedOAuth ? try parts.managedOAuth(in: account) : .nothing
        return Screen(
            application.name, .account(account), section: "/applications", lead: application.type.title,
            parents: [Screen.Crumb(title: "Applications", path: "\(account.path)/applications")],
            actions: view.may(.appsWrite) ? UI.button("Edit", path + "/edit") : .nothing
        ) {
            facts
            who
            question
            oauth
            parts.ends
        }
    }

    // MARK: Edit

    @Sendable static func editPage(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let application = try application(call.reader, view)
        let choices = try ApplicationChoices(of: account.id, call.reader)
        let list = "\(account.path)/applications"
        let path = "\(list)/\(application.id.uuid)"
        return Screen(
            "Edit \(application.name)", .account(account), section: "/applications",
            parents: [
                Screen.Crumb(title: "Applications", path: list), Screen.Crumb(title: application.name, path: path),
            ]
        ) {
            element("section", ["class": "card narrow"]) {
                view.form(to: path + "/edit", version: EntityTag(version: application.version).text) {
                    ApplicationForm(type: application.type, application: application, choices: choices, view: view)
                        .fields
                    view.buttons("Save", cancel: path)
                }
            }
        }
    }

    @Sendable static func save(_ call: FormCall) throws(Failure) -> Outcome {
        let application = try application(call.reader, call.view)
        let body = ApplicationForm.body(of: call.form, application.type, keeping: try call.body(of: application))
        let saved = try call.replace(application, with: body)
        return .done("\(call.home)/applications/\(saved.id.uuid)", "\(saved.name) was saved.")
    }

    // MARK: Acts

    @Sendable static func oauth(_ call: FormCall) throws(Failure) -> Outcome {
        let (application, account) = (try application(call.reader, call.view), call.account)
        let isOn = call.form.text("enabled") == "true"
        let path = "\(call.home)/applications/\(application.id.uuid)"
        var body = try call.body(of: application)
        var rules = body["oauth_configuration"]?.objectValue ?? JSONObject()
        rules["enabled"] = .bool(isOn)
        body["oauth_configuration"] = .object(rules)
        if !isOn {
            let clients = try call.reader.managedClients(of: application.id, in: account, at: call.act.now)
            let grants = clients.reduce(0) { $0 + $1.grants }
            let plan = Plan(
                title: "Turn managed OAuth off for \(application.name)",
                question: "Programs could no longer act for people here.", verb: "Turn managed OAuth off", cancel: path)
            let lines =
                grants == 0
                ? [BridgeEffects.Line(text: "Nobody has let a program in so far.", tone: .good)]
                : [
                    BridgeEffects.Line(text: "\(grants.of("permission")) of programs would end.", tone: .bad),
                    BridgeEffects.Line(text: "Turning it on again brings none of them back.", tone: .warn),
                ]
            let changed = body
            let shown = try call.confirm(plan, .account(try call.place()), lines) { (act) throws(Failure) in
                let draft = try refusing { () throws(Refusal) in
                    try ApplicationDraft(.object(changed), replacing: application.type)
                }
                _ = try act.replaceApplication(.id(application.id), with: draft, in: account)
            }
            if let shown { return shown }
        }
        _ = try call.replace(application, with: body)
        return .done(
            path,
            isOn
                ? "Managed OAuth is on: programs can ask people for permission to act for them at \(application.name)."
                : "Managed OAuth is off.")
    }

    @Sendable static func revoke(_ call: FormCall) throws(Failure) -> Outcome {
        let (application, account) = (try application(call.reader, call.view), call.account)
        let path = "\(call.home)/applications/\(application.id.uuid)"
        let plan = Plan(
            title: "End the sessions of \(application.name)",
            question: "Everybody is asked again, at the next click.", verb: "End all sessions", cancel: path)
        let lines = [
            BridgeEffects.Line(text: "What people and machines were let in with is no good any more.", tone: .warn),
            BridgeEffects.Line(
                text: "Whoever is still signed in to the team, and still may, gets in again without noticing."),
        ]
        let shown = try call.confirm(plan, .account(try call.place()), lines) { (act) throws(Failure) in
            try act.revokeTokens(of: .id(application.id), in: account)
        }
        if let shown { return shown }
        try call.act.revokeTokens(of: .id(application.id), in: account)
        return .done(path, "The sessions of \(application.name) have ended.")
    }

    @Sendable static func delete(_ call: FormCall) throws(Failure) -> Outcome {
        let (application, account) = (try application(call.reader, call.view), call.account)
        let policies = try call.reader.policies(of: application.id)
        let list = "\(call.home)/applications"
        let plan = Plan(
            title: "Delete \(application.name)", question: "This cannot be undone.", verb: "Delete application",
            cancel: "\(list)/\(application.id.uuid)")
        var lines: [BridgeEffects.Line] = []
        for place in application.publicPlaces.prefix(8) {
            lines.append(BridgeEffects.Line(text: "Nobody is let in to \(place) any more.", tone: .bad))
        }
        let own = policies.count { !$0.policy.isReusable }
        if own > 0 {
            lines.append(
                BridgeEffects.Line(text: "\(own.of("policy", "policies")) of its own would go with it.", tone: .warn))
        }
        if policies.count > own {
            lines.append(BridgeEffects.Line(text: "Reusable policies stay, for other applications."))
        }
        let grants = try call.reader.managedClients(of: application.id, in: account, at: call.act.now)
            .reduce(0) { $0 + $1.grants }
        if grants > 0 {
            lines.append(BridgeEffects.Line(text: "\(grants.of("permission")) of programs would end.", tone: .warn))
        }
        lines.append(BridgeEffects.Line(text: "Its sessions would end.", tone: .warn))
        let shown = try call.confirm(plan, .account(try call.place()), lines) { (act) throws(Failure) in
            _ = try act.deleteApplication(.id(application.id), in: account)
        }
        if let shown { return shown }
        _ = try call.act.deleteApplication(.id(application.id), in: account)
        return .done(list, "\(application.name) was deleted.")
    }

    @Sendable static func endProgram(_ call: FormCall) throws(Failure) -> Outcome {
        let application = try application(call.reader, call.view)
        try call.act.endManagedClient(call.form.text("client") ?? "", of: .id(application.id), in: call.account)
        return .done(
            "\(call.home)/applications/\(application.id.uuid)",
            "\(call.form.text("name") ?? "The program") may no longer act for anybody at \(application.name).")
    }
}

extension FormCall {
    /// The body with which an application could be put back as it is.
    func body(of application: Application) throws(Failure) -> JSONObject {
        let (policies, account) = (try reader.policies(of: application.id), account)
        return JSONObject { application.write(to: &$0, account: account, policies: policies[...]) }
    }

    /// Replaces an application, as a PUT with this body does.
    func replace(_ application: Application, with body: JSONObject) throws(Failure) -> Application {
        let draft = try refusing { () throws(Refusal) in
            try ApplicationDraft(.object(body), replacing: application.type)
        }
        let saved = try act.replaceApplication(.id(application.id), with: draft, in: account)
        let account = account
        note { saved.application.write(to: &$0, account: account, policies: saved.policies[...]) }
        return saved.application
    }
}
