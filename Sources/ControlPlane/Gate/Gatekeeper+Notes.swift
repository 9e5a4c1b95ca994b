import Domain
import Primitives
import Store

/// What the gate writes down, beside the answer and never in its way. The write queue finishes what is in it before the
/// server ends.
extension Gatekeeper {
    /// `last_seen_at` of a service token, once a minute at most.
    func noteUse(of token: ServiceTokenID) {
        let now = desk.now
        if let last = seen[token], last.isWithin(.seconds(60), before: now) { return }
        if seen.count >= Self.capacity { seen.removeAll() }
        seen[token] = now
        desk.plane.store.writes.enqueue(
            { (transaction) throws(Failure) in
                // Only adds: when a token was used last decides nothing.
                transaction.onlyAdds()
                try transaction.noteUse(of: token, at: now)
            }, completion: { _ in })
    }

    /// A row of the log. Who knows a client id could fill the disk with such rows, so that the same failure is written
    /// once a second.
    func log(
        _ fault: ServiceTokenFault, _ token: ServiceTokenID, _ name: String, _ client: ServiceTokenClientID,
        _ request: GateRequest, _ application: GuardedApplication
    ) {
        let key = LoggedFault(token: token, application: application.id, fault: fault)
        let now = desk.now
        if let last = logged[key], last.isWithin(.seconds(1), before: now) { return }
        if logged.count >= Self.capacity { logged.removeAll() }
        logged[key] = now
        let digits = String(request.ray, radix: 16)
        let ray = String(repeating: "0", count: 16 - digits.utf8.count) + digits + "-ORG"
        var row = AccessRequest(.serviceAuth, isAllowed: false, address: request.address.text, ray: ray)
        row.application = application.logged
        row.country = request.country
        row.reason = fault.rawValue
        row.clientID = "\(client.hex).access"
        row.clientName = name
        let (final, account) = (row, application.account)
        desk.plane.store.writes.enqueue(
            { (transaction) throws(Failure) in
                // Only adds: a row of the log of logins.
                transaction.onlyAdds()
                try transaction.append(final, of: account, at: now)
            }, completion: { _ in })
    }
}
