import Crypto
package import Domain
import HTTP
import Primitives
package import Store

extension LoginDesk {
    /// Ends the sessions of a person in the whole account (contract 40 §1). They may sign in again at once.
    package func logOut(
        _ session: Session, of identity: Identity, from application: GuardedApplication?, _ browser: Browser
    ) async throws(Failure) {
        let row = personRow(.logout, isAllowed: true, identity, application, browser)
        let now = self.now
        try await plane.store.writes.perform { (transaction) throws(Failure) in
            try transaction.endSessions(ofEmail: session.email, in: session.account)
            try transaction.append(row, of: session.account, at: now)
        }
    }

    /// Where a browser may go after it was logged out: a path of the same host, the account's team host or a host of one
    /// of its applications; `nil` for anywhere else.
    package func returnAddress(_ text: String, at team: TeamSettings) throws(Failure) -> String? {
        if LocalPath.isSafe(text) { return text }
        guard text.utf8.count <= 2048, let url = WebAddress(text), url.scheme.rawValue == plane.settings.scheme,
            !url.hasUserInfo, url.fragment == nil
        else { return nil }
        if url.authority == plane.settings.teamHost(team.team) { return url.description }
        guard let place = try access.anyPlace(host: url.host, in: reader), place.account == team.account else {
            return nil
        }
        return url.description
    }
}
