import Crypto
import Domain
import JSON
package import Primitives
package import Store

/// Members of this server as an identity provider (type `cloudflare`, contract 20 §5): an API token of a user proves who
/// somebody is.
extension LoginDesk {
    /// Signs somebody in whom an API token of a user stands for.
    ///
    /// - Returns: `nil` for a token that is not good here, which the caller counts.
    package func signInMember(
        token: Secret<String>, state: String, at team: TeamSettings, _ browser: Browser
    ) async throws(Failure) -> LoginOutcome? {
        let waiting = try await waitingAttempt(state, .cloudflare, at: team, browser)
        guard let email = try member(behind: token, waiting.choice, of: team.account, browser) else {
            var row = browser.logged(.login, isAllowed: false)
            row.connection = waiting.choice.type.rawValue
            row.provider = waiting.choice.id
            row.reason = LoginFaultCode.tokenError.rawValue
            let (final, account, now) = (row, team.account, self.now)
            try await add { (transaction) throws(Failure) in try transaction.append(final, of: account, at: now) }
            return nil
        }
        let attempt = try await takeAttempt(state, at: team, browser)
        let proven = ProvenIdentity(subject: email, email: email, name: "", authenticatedAt: now)
        return try await admit(proven, attempt, at: team, browser)
    }

    /// The address of the user to whom a token belongs that is good now, from this address; as `/user/tokens/verify` has it.
    private func member(
        behind token: Secret<String>, _ choice: LoginChoice, of account: AccountID, _ browser: Browser
    ) throws(Failure) -> String? {
        let text = token.exposed()
        guard !text.isEmpty, text.utf8.count <= 512,
            let found = try reader.credential(digest: SHA256.hash(text).bytes), found.isActive,
            found.principal.token?.account == nil, let email = found.principal.email,
            found.notBefore.map({ $0 <= now }) ?? true, found.expiresAt.map({ now < $0 }) ?? true,
            found.allowedAddresses.isEmpty || found.allowedAddresses.contains(where: { $0.contains(browser.address) }),
            !found.deniedAddresses.contains(where: { $0.contains(browser.address) })
        else { return nil }
        let provider = try reader.identityProvider(choice.id, in: account)
        if provider?.config.object?["restrict_to_account_members"]?.boolValue == true {
            guard try reader.memberships(of: email).contains(account) else { return nil }
        }
        return email
    }
}
