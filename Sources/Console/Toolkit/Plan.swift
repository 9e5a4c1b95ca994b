import ControlPlane
import Domain
import HTML
import HTTP
import Primitives
import Store

/// The words around a preview: what is asked, and what the button says.
struct Plan: Sendable {
    let title: String
    let question: String
    let verb: String
    /// The page to go back to.
    let cancel: String
    var isDangerous = true
}

/// Destructive acts show first what they would do (contract 30 §11). The preview is the act itself, undone.
extension FormCall {
    /// The page that asks for confirmation, or `nil` once it was given.
    ///
    ///     if let plan = try call.preview(Plan(…), .account(account), { (act) throws(Failure) in try act.deleteAccount(id) }) {
    ///         return plan
    ///     }
    ///     try call.act.deleteAccount(id)
    func preview(
        _ plan: Plan, _ place: Screen.Place, _ useCase: (Act) throws(Failure) -> Void
    ) throws(Failure) -> Outcome? {
        guard !form.isConfirmed else { return nil }
        let effects = try act.preview(useCase)
        let ids = Array(Set(effects.ended.map(\.account) + effects.created.map(\.account)).sorted().prefix(50))
        let names = try reader.accountNames(ids)
        return .shown(view.screen(of: plan, place, form, effects, names))
    }
}

extension View {
    func screen(
        of plan: Plan, _ place: Screen.Place, _ form: FormBody, _ effects: BridgeEffects,
        _ names: [AccountID: String], and more: [BridgeEffects.Line] = []
    ) -> Screen {
        Screen(plan.title, place, lead: plan.question) {
            element("section", ["class": "card", "id": "plan"]) {
                element("h2") { "What would happen" }
                element("ul", ["class": "plan"]) {
                    for line in more + effects.lines(names) {
                        element("li", ["class": line.tone?.rawValue]) { line.text }
                    }
                }
            }
            self.form(to: request.path) {
                UI.hidden("_confirm", "1")
                if let version = form.text("_version") { UI.hidden("_version", version) }
                for item in form.entered { UI.hidden(item.name, item.value) }
                buttons(plan.verb, plan.isDangerous ? "danger" : "", cancel: plan.cancel)
            }
        }
    }
}

extension BridgeEffects {
    struct Line {
        let text: String
        var tone: Flash.Tone?
    }

    /// The preview in sentences.
    func lines(_ names: [AccountID: String]) -> [Line] {
        var lines: [Line] = []
        func accounts(_ connections: [Connection]) -> String {
            let known = connections.prefix(8).map { names[$0.account] ?? $0.account.hex }
            let rest = connections.count - known.count
            return known.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
        }
        if !created.isEmpty {
            lines.append(Line(text: "Connected to the primary IdP: \(accounts(created)).", tone: .good))
        }
        if !ended.isEmpty {
            lines.append(Line(text: "No longer connected to the primary IdP: \(accounts(ended)).", tone: .bad))
        }
        for application in applications where application.hasNoLogin {
            lines.append(Line(text: "Nobody could sign in to \(application.name) any more.", tone: .bad))
        }
        let kept = applications.count { !$0.hasNoLogin && $0.keepsDeadReference }
        if kept > 0 {
            lines.append(
                Line(text: "\(kept.of("application")) would go on naming a connection that is gone.", tone: .warn))
        }
        if !danglingRules.isEmpty {
            lines.append(
                Line(text: "\(danglingRules.count.of("rule")) would name a connection that is gone.", tone: .warn))
        }
        if sessionsEnded > 0 { lines.append(Line(text: "\(sessionsEnded.of("session")) would end.", tone: .warn)) }
        if grantsEnded > 0 {
            lines.append(Line(text: "\(grantsEnded.of("permission")) of programs would end.", tone: .warn))
        }
        if usersAffected > 0 {
            lines.append(
                Line(
                    text: "\(usersAffected.of("person", "people")) signed in this way in the last 30 days.", tone: .warn
                ))
        }
        if lines.isEmpty { lines.append(Line(text: "Nobody's way to sign in would change.")) }
        return lines
    }
}

extension Int {
    /// `1 session`, `3 sessions`.
    func of(_ one: String, _ many: String? = nil) -> String { "\(self) \(self == 1 ? one : many ?? one + "s")" }
}
