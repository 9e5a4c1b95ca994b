package import Domain
import JSON
import Primitives
package import Store

/// Ends of sessions on demand (contract 40 §3): in force for the next request, in the audit log with how many ended.
extension Act {
    /// Ends every session of a person in an account, those that came over its bridges, and what they allowed programs. They may not come back for a
    /// minute.
    package func revokeUser(email: String, in account: AccountID) throws(Failure) {
        let user = try transaction.accessUser(withEmail: email, in: account)
        let ended = try transaction.endSessions(ofEmail: email, in: account)
        try transaction.endGrants(ofEmail: email, in: account)
        try transaction.revoke(email, in: account, at: now)
        record(
            AuditEvent(
                .update, AuditedResource(.accessUser, user?.id.uuid ?? email), account: account,
                description: "revoke all sessions", response: EndedSessions(sessions: ended).document))
    }

    /// Ends what people and machines were let into an application with. Who has a session with the team gets in again
    /// where the policies still say so.
    package func revokeTokens(of key: ApplicationKey, in account: AccountID) throws(Failure) {
        let application = try application(key, in: account)
        let ended = try transaction.endTokens(of: application.id)
        record(
            AuditEvent(
                .update, AuditedResource(.application, application.id.uuid), account: account,
                description: "revoke tokens", response: EndedSessions(tokens: ended).document))
    }
}

/// What a revocation ended, as the audit log shows it.
struct EndedSessions {
    var sessions: Int?
    var tokens: Int?

    var document: JSONText {
        var writer = JSONWriter()
        writer.beginObject()
        writeMembers(to: &writer)
        writer.endObject()
        return writer.jsonText
    }

    func writeMembers(to writer: inout JSONWriter) {
        if let sessions { writer.member("sessions_ended", sessions) }
        if let tokens { writer.member("application_tokens_ended", tokens) }
    }
}
