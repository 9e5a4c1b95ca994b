import ControlPlane
import Domain
import HTML
import HTTP
import Primitives
import Store
import Synchronization

/// A request to the console that has been routed, authenticated and authorized: what pages and forms know of it.
struct View: Sendable {
    let plane: Plane
    let principal: Principal
    /// The rights on the account or organization of the path; empty where the path names none.
    let rights: PermissionSet
    let session: LiveSession
    let path: PathValues
    let query: QueryString
    let request: Request
    /// Of the client, past trusted proxies.
    let address: String
    let now: Timestamp
    /// What was said by the request before, to be shown once.
    var flash: Flash?
    /// A form that was refused: what was entered and what is wrong with it.
    var submission: Submission?
    /// The account's organization said that the console only shows.
    var isReadOnly = false

    var account: AccountID { path.id("account_id") }
    var organization: OrganizationID { path.id("organization_id") }
    var settings: Settings { plane.settings }

    /// Whether something may be changed here: decides which buttons are shown. The use case decides again.
    func may(_ group: PermissionGroup) -> Bool {
        rights.contains(group) && !(isReadOnly && group.scope == .account)
    }

    /// The request as the audit log names it.
    var audited: AuditedRequest {
        AuditedRequest(
            actor: Actor(principal, context: .dash), method: request.method.name, uri: request.target,
            userAgent: request.value(.userAgent) ?? "", address: address, ray: request.rayText + "-ORG")
    }

    /// The rights of the caller on an account that the path does not name.
    func rights(on account: AccountID, in reader: any Reading) throws(Failure) -> PermissionSet {
        guard let place = try reader.place(of: account) else { return [] }
        return principal.rights(on: .account(account, within: place.organizations))
    }

    /// The rights of the caller on an organization that the path does not name.
    func rights(on organization: OrganizationID, in reader: any Reading) throws(Failure) -> PermissionSet {
        let chain = try reader.chain(of: organization)
        return chain.isEmpty ? [] : principal.rights(on: .organization(chain))
    }

    /// The rights on the accounts of a list, none where nobody may change anything here: for the buttons of its rows. Two
    /// statements.
    func writableRights(
        on accounts: [AccountID], in reader: any Reading
    ) throws(Failure) -> [AccountID: PermissionSet] {
        let chains = try reader.organizationChains(of: accounts)
        let readOnly = try reader.consoleReadOnly(among: accounts)
        return Dictionary(
            accounts.filter { !readOnly.contains($0) }.map { id in
                (id, principal.rights(on: .account(id, within: chains[id] ?? [])))
            }
        ) { first, _ in first }
    }

    /// A whole number from 1 in the query; `standard` where there is none that makes sense.
    func number(_ name: String, or standard: Int, atMost limit: Int) -> Int {
        guard let value = query[name].flatMap({ Int($0) }), value >= 1 else { return standard }
        return min(value, limit)
    }

    /// The page that the query asks for; 25 rows unless it says otherwise.
    var page: PageRequest {
        PageRequest(
            page: number("page", or: 1, atMost: 1_000_000), perPage: number("per_page", or: 25, atMost: 100))
    }

    /// The text of the search field, or `nil`.
    var search: String? {
        query["search"].map { $0.trimmed }.flatMap { $0.isEmpty || $0.utf8.count > 256 ? nil : $0 }
    }
}

/// A form that came back with mistakes.
struct Submission: Sendable {
    let form: FormBody
    let refusal: Refusal
}

/// A page that is being made.
struct PageCall {
    let view: View
    let reader: any Reading
}

/// A form at work, inside its transaction.
struct FormCall {
    let view: View
    let form: FormBody
    let act: Act

    var account: AccountID { view.account }
    var organization: OrganizationID { view.organization }
    var reader: any Reading { act.transaction }
}

/// A form that waits for something outside the process before, or instead of, a transaction.
struct PatientCall: Sendable {
    let view: View
    let form: FormBody
    let mutation: Mutation

    var account: AccountID { view.account }
    var organization: OrganizationID { view.organization }

    /// Reads off the loop.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any Reading) throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await view.plane.store.background { (reader) throws(Failure) in try body(reader) }
    }

    /// Runs what follows in one transaction with its audit rows.
    func perform(
        _ body: @escaping @Sendable (FormCall) throws(Failure) -> Outcome
    ) async throws(Failure) -> Outcome {
        let (view, form) = (view, form)
        return try await view.plane.performForm(mutation) { (act) throws(Failure) in
            try body(FormCall(view: view, form: form, act: act))
        }
    }
}

/// What a form comes to.
enum Outcome: Sendable {
    /// Done: the browser goes on to a page, which says so.
    case done(String, Flash?)
    /// A page instead: what would happen, or a secret that is shown once.
    case shown(Screen)

    static func done(_ path: String, _ sentence: String) -> Outcome { .done(path, Flash(.good, sentence)) }
}

extension Plane {
    /// Runs a form in one transaction with its audit rows. A refusal undoes it and is thrown.
    func performForm(
        _ mutation: Mutation, _ body: @escaping @Sendable (Act) throws(Failure) -> Outcome
    ) async throws(Failure) -> Outcome {
        let box = Box<Outcome>()
        let refused = Box<Refusal>()
        let refuse = { @Sendable (refusal: Refusal) in
            refused.put(refusal)
            return FinalAnswer(status: refusal.httpStatus, body: [])
        }
        _ = try await perform(mutation, refused: refuse) { (act) throws(Failure) in
            let outcome = try body(act)
            box.put(outcome)
            switch outcome {
            case .done(let path, _):
                return FinalAnswer(status: 303, location: path, body: [], audited: act.result)
            case .shown: return FinalAnswer(status: 200, body: [], audited: act.result)
            }
        }
        if let refusal = refused.content { throw .refused(refusal) }
        guard let outcome = box.content else { throw .inconsistent("a form came to nothing") }
        return outcome
    }
}

/// Carries a value out of a closure that may run elsewhere.
final class Box<Value: Sendable>: Sendable {
    private let state = Mutex<Value?>(nil)
    var content: Value? { state.withLock { $0 } }
    func put(_ value: Value) { state.withLock { $0 = value } }
}

extension String {
    /// Without white space around it.
    var trimmed: String {
        func isSpace(_ character: Character) -> Bool { character.isWhitespace }
        return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
