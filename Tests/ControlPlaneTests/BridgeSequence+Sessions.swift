import JSON
import Primitives
import TestKit

/// Sessions in random histories: each lasts exactly as long as what its login used (I9), and previews count them.
extension BridgeSequence {
    /// Somebody begins a session through a connection, or through an identity provider of the account itself.
    func signIn() async throws {
        let ways =
            stored.connections.map { (account: $0.key.account, idp: $0.value) }.sorted { $0.idp < $1.idp }
            + model.idps.map { (account: $0.value.account, idp: $0.key) }.sorted { $0.idp < $1.idp }
        guard let way = pick(ways) else { return }
        let email = "person-\(Int.random(in: 0..<4, using: &random))@x.org"
        let name = fresh("")
        let nonce = String(repeating: "0", count: 17 - name.utf8.count) + name.dropFirst()
        let (account, idp) = ("x'\(way.account)'", "x'\(way.idp.replacing("-", with: ""))'")
        let now = world.clock.now.microseconds
        let user = "FROM access_users u WHERE u.account_id = \(account) AND u.email = '\(email)'"
        for statement in [
            """
            INSERT OR IGNORE INTO access_users (id, account_id, email, seat_id, created_at, updated_at)
            VALUES (randomblob(16), \(account), '\(email)', randomblob(16), 0, 0)
            """,
            """
            INSERT INTO sessions
            SELECT '\(nonce)', u.account_id, u.id, \(idp), NULL, u.email, '{}', '', '', randomblob(32), randomblob(32),
                   \(now), \(now + 86_400_000_000) \(user)
            """,
            """
            INSERT INTO access_requests (id, account_id, at, action, allowed, idp_id, ip, ray, user_email, user_id)
            SELECT randomblob(16), u.account_id, \(now), 'login', 1, \(idp), '', '', u.email, u.id \(user)
            """,
        ] { try await world.execute(statement) }
        people[way.idp, default: []].insert(email)
        trace.append("\(email) signs in to \(way.account) through \(way.idp)")
        stored.sessions[nonce] = StoredBridge.Session(idp: way.idp, account: way.account)
    }

    /// I9: sessions of what has ended are gone, all others are there.
    func compareSessions(with before: StoredBridge) {
        let alive = Set(stored.connections.values).union(model.idps.keys)
        let accounts = Set(model.accounts)
        let expected = before.sessions.filter { alive.contains($0.value.idp) && accounts.contains($0.value.account) }
        guard stored.sessions != expected else { return }
        fail("I9: sessions are \(stored.sessions.keys.sorted()), expected \(expected.keys.sorted())")
    }

    /// A preview counted the sessions that the request ended, and the people who had come over what it ended.
    func checkSessions(_ preview: World.Answer, _ was: StoredBridge, ended: Set<String>) {
        let count = was.sessions.count - stored.sessions.count
        if preview.result["sessions_ended"]?.integerValue != Int64(count) {
            fail("preview: \(preview.result["sessions_ended"] ?? .null) sessions, ended \(count)")
        }
        // In one account one person may have come over several of them.
        let accounts = Set(was.connections.filter { ended.contains($0.value) }.map { $0.key.account })
        var distinct = 0
        for account in accounts {
            let ids = was.connections.filter { $0.key.account == account && ended.contains($0.value) }.values
            distinct += ids.reduce(into: Set<String>()) { $0.formUnion(people[$1] ?? []) }.count
        }
        if preview.result["users_affected_30d"]?.integerValue != Int64(distinct) {
            fail("preview: \(preview.result["users_affected_30d"] ?? .null) people, really \(distinct)")
        }
    }
}
