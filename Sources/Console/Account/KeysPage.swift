import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store
import Wire

/// The keys that sign the tokens of an account.
enum KeysPage: ConsolePages {
    private static let base = "/accounts/{account_id}/zero-trust/keys"

    static let routes: [ConsoleRoute] = [
        .get(base, .account(.identityRead), .page(Access.page(page))),
        .post(base, .account(.identityWrite), .keys, .update, page: Access.page(page), Access.form(setInterval)),
        .patientPost(
            base + "/rotate", .account(.identityWrite), .keys, .update, page: Access.page(page), Access.form(rotate)),
    ]

    @Sendable static func page(_ call: PageCall) throws(Failure) -> Screen {
        let (view, account) = (call.view, try call.account())
        let path = "\(account.path)/zero-trust/keys"
        let keys = try call.reader.verifyingKeys(of: account.id, at: view.now)
        let signing = try call.reader.signingKey(of: account.id, at: view.now)
        let rotation = try call.reader.keyRotation(of: account.id, at: view.now)
        return Screen(
            "Signing keys", .account(account), section: "/zero-trust",
            lead: "Applications verify with these keys that a token is of this account.",
            parents: [Screen.Crumb(title: "Zero Trust", path: "\(account.path)/zero-trust")]
        ) {
            ZeroTrustPage.tabs("/zero-trust/keys", account, view)
            if keys.isEmpty {
                UI.empty("No key yet", "The first is made when somebody signs in for the first time.")
            } else {
                UI.table(
                    "Signing keys", keys,
                    [
                        Column("Key ID", isHeader: true) { key in
                            element("code", ["title": key.id.hex]) { "\(key.id.hex.prefix(16))…" }
                        },
                        Column("State") { key in
                            if key.id == signing?.id {
                                UI.badge("signs", .good)
                            } else if key.activeFrom > view.now {
                                UI.badge("signs next")
                            } else {
                                UI.badge("still verifies", .warn)
                            }
                        },
                        Column("Signs from") { UI.time($0.activeFrom) },
                        Column("Verifies until") { key in
                            if let end = key.verifiesUntil {
                                UI.time(end)
                            } else {
                                "7 days after the next key begins to sign"
                            }
                        },
                    ])
            }
            if let rotation {
                UI.facts(
                    [
                        ("Last rotation", UI.time(rotation.lastRotation)),
                        (
                            "Next rotation",
                            .text("in \(rotation.daysLeft(at: view.now).of("day")), by itself")
                        ),
                    ])
            }
            if view.may(.identityWrite) {
                element("div", ["class": "columns"]) {
                    UI.card("Rotate now") {
                        element("p") {
                            "A new key signs from now on. The old one goes on verifying for seven days, so nobody is signed "
                                + "out; applications that read the published keys notice nothing."
                        }
                        view.action("Rotate the key", to: path + "/rotate")
                    }
                    UI.card("By itself") {
                        view.form(to: path) {
                            view.field(
                                "key_rotation_interval_days", "Days between rotations",
                                "\(rotation?.intervalDays ?? 42)", hint: "21 to 365.", type: "number")
                            view.buttons("Save")
                        }
                    }
                }
            }
        }
    }

    @Sendable static func setInterval(_ call: FormCall) throws(Failure) -> Outcome {
        let name = "key_rotation_interval_days"
        let text = call.form.text(name) ?? ""
        let body: JSONObject = [name: Int64(text).map { .number(JSONNumber($0)) } ?? .string(text)]
        let days = try refusing { () throws(Refusal) in try KeyRotation.intervalDays(in: .object(body)) }
        let rotation = try call.act.setKeyRotationInterval(days, of: call.account)
        let now = call.act.now
        call.note { rotation.write(to: &$0, at: now) }
        return .done("\(call.home)/zero-trust/keys", "Keys rotate every \(days.of("day")).")
    }

    /// Makes the key before the transaction begins: it takes longer than hundreds of writes.
    @Sendable static func rotate(_ call: PatientCall) async throws(Failure) -> Outcome {
        let account = call.account
        guard call.form.isConfirmed else {
            return try await call.perform { (call) throws(Failure) in
                let plan = Plan(
                    title: "Rotate the signing key", question: "Every token from now on is signed with a new key.",
                    verb: "Rotate the key", cancel: "\(call.home)/zero-trust/keys", isDangerous: false)
                let lines = [
                    BridgeEffects.Line(
                        text: "Nobody is signed out: the old key verifies for seven more days.", tone: .good),
                    BridgeEffects.Line(
                        text: "An application that holds a copy of the old key needs the new one within those days.",
                        tone: .warn),
                ]
                guard let shown = try call.confirm(plan, .account(try call.place()), lines, { (_) throws(Failure) in })
                else { throw .inconsistent("a form was confirmed meanwhile") }
                return shown
            }
        }
        let key = try await call.view.plane.makeSigningKey()
        return try await call.perform { (call) throws(Failure) in
            let rotation = try call.act.rotateKeys(to: key, of: account)
            let now = call.act.now
            call.note { rotation.write(to: &$0, at: now) }
            return .done("\(call.home)/zero-trust/keys", "A new key signs from now on.")
        }
    }
}
