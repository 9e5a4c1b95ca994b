package import Domain
package import JSON
import Primitives
package import Store

/// An application as the way in sees it: everything that a decision needs beside the visitor.
package struct GuardedApplication: Sendable {
    package let application: Application
    package let account: AccountID
    package let team: TeamSettings
    package let policies: PolicySet
    /// Every member without a property of its own.
    package let document: JSONObject

    package var id: ApplicationID { application.id }

    package var logged: LoggedApplication {
        LoggedApplication(application.id, domain: application.domain ?? "", type: application.type)
    }

    /// How long a token of the application lasts that `policy` admitted (contract 40 §2).
    package func tokenLifetime(_ policy: JudgedPolicy?) -> Duration {
        policy?.terms.sessionDuration?.duration ?? document["session_duration"]?.duration ?? .seconds(24 * 3600)
    }

    /// Whether some policy lets people in for once only, so that a session is not enough.
    package var asksEachTime: Bool {
        tokenLifetime(nil) == .zero || policies.policies.contains { $0.terms.sessionDuration?.duration == .zero }
    }

    /// Whether a session that began through this identity provider opens the application.
    package func accepts(_ provider: LoginProvider, email: String) -> Bool {
        guard team.logins.accepts(provider.id, email: email) else { return false }
        if application.allowedIdPs.isEmpty || application.allowedIdPs.contains(provider.id) { return true }
        // Under enforcement only a break-glass login gets here through another one.
        return team.logins.enforced != nil && team.logins.enforced?.allowed != provider.id
    }
}

extension GuardedApplication {
    package func flag(_ name: String, default standard: Bool = false) -> Bool {
        document[name]?.boolValue ?? standard
    }

    package func text(_ name: String) -> String? { document[name]?.stringValue.flatMap { $0.isEmpty ? nil : $0 } }

    /// Paths that everybody may see (`destinations[].overrides[]` with behavior `public`), of the destination that
    /// matched.
    package func publicPatterns(of destination: PublicDestination) -> [String] {
        (document["destinations"]?.arrayValue ?? []).flatMap { item -> [String] in
            guard let uri = item["uri"]?.stringValue, PublicDestination(uri) == destination else { return [] }
            return (item["overrides"]?.arrayValue ?? []).compactMap { override in
                override["behavior"]?.stringValue == "public" ? override["path_pattern"]?.stringValue : nil
            }
        }
    }
}

extension Reading {
    /// `nil` for an unknown application, and for one of an account without a team.
    package func guardedApplication(
        _ id: ApplicationID, of team: TeamSettings
    ) throws(Failure) -> GuardedApplication? {
        guard let application = try application(.id(id), in: team.account) else { return nil }
        return GuardedApplication(
            application: application, account: team.account, team: team,
            policies: try policySet(of: id, in: team.account),
            document: application.document.object ?? JSONObject())
    }
}
