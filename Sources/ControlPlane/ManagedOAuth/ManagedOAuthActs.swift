package import Domain
package import OAuth
import Primitives
package import Store

/// What administrators and people take back.
extension Act {
    /// Ends a client's grants at an application, and the client itself unless another application has grants of it.
    package func endManagedClient(
        _ clientID: String, of key: ApplicationKey, in account: AccountID
    ) throws(Failure) {
        let application = try application(key, in: account)
        guard let client = try transaction.managedClient(clientID, in: account, at: now),
            client.application == nil || client.application == application.id
        else { throw .refused(.accessNotFound, "OAuth client not found") }
        if try transaction.isUsed(client.id, beside: application.id) {
            try transaction.endGrants(to: client.id, at: application.id)
        } else {
            try transaction.deleteManagedClient(client.id)
        }
        record(
            AuditEvent(
                .delete, AuditedResource(.oauthClient, client.clientID), account: account,
                description: "end the OAuth client \(client.clientID) at application \(application.id.uuid)"))
    }

    /// Ends a grant of a person.
    package func endManagedGrant(
        _ id: ManagedGrantID, of user: AccessUserID, in account: AccountID
    ) throws(Failure) {
        guard let grant = try transaction.managedGrant(id, at: now), grant.user == user, grant.account == account else {
            throw .refused(.accessNotFound, "OAuth grant not found")
        }
        try transaction.endGrant(id)
        record(AuditEvent(.delete, AuditedResource(.oauthGrant, id.uuid), account: account))
    }
}

extension OAuthDesk {
    /// What somebody has allowed programs.
    package func grants(of identity: Identity, at team: TeamSettings) throws(Failure) -> [ListedGrant] {
        try desk.reader.managedGrants(of: identity.user, in: team.account, at: now)
    }

    /// Takes back what somebody has allowed. A grant that is not theirs, or has ended, is left alone.
    package func takeBack(
        _ id: ManagedGrantID, by identity: Identity, at team: TeamSettings, _ browser: Browser
    ) async throws(Failure) {
        let (account, now) = (team.account, self.now)
        let event = AuditEvent(
            .delete, AuditedResource(.oauthGrant, id.uuid), account: account, description: "taken back by the person",
            request: .emptyObject, response: .emptyObject)
        let request = AuditedRequest(
            actor: Actor(kind: .user, id: nil, email: identity.email, context: .dash, token: nil), method: "POST",
            uri: "/oauth/grants", userAgent: "", address: browser.address.text, ray: browser.ray)
        try await plane.store.writes.perform { (transaction) throws(Failure) in
            guard let grant = try transaction.managedGrant(id, at: now), grant.user == identity.user,
                grant.account == account
            else {
                // Only adds: nothing that lets somebody in ends here.
                transaction.onlyAdds()
                return
            }
            try transaction.endGrant(id)
            _ = try transaction.append(event, isSuccess: true, status: 302, of: request, at: now)
        }
    }
}
