import Domain
package import JSON
package import OAuth
import Primitives

/// `oauth_configuration` of an application that has it on.
package struct ManagedOAuthRules: Sendable, Equatable {
    /// Whether clients may come that nobody has registered for them: by registration or by a document of their own.
    package let admitsUnknownClients: Bool
    package let redirects: RedirectRules
    package let accessTokenLifetime: Duration
    /// How long a grant lasts; absent for the application's session duration.
    package let sessionDuration: Duration?

    init(
        admitsUnknownClients: Bool, redirects: RedirectRules, accessTokenLifetime: Duration, sessionDuration: Duration?
    ) {
        self.admitsUnknownClients = admitsUnknownClients
        self.redirects = redirects
        self.accessTokenLifetime = accessTokenLifetime
        self.sessionDuration = sessionDuration
    }

    /// `nil` where managed OAuth is off.
    package init?(_ application: JSONObject) {
        guard let oauth = application["oauth_configuration"]?.objectValue, oauth["enabled"]?.boolValue ?? true else {
            return nil
        }
        let registration = oauth["dynamic_client_registration"]
        admitsUnknownClients = registration?["enabled"]?.boolValue ?? true
        redirects = RedirectRules(
            allowsLocalhost: registration?["allow_any_on_localhost"]?.boolValue ?? true,
            allowsLoopback: registration?["allow_any_on_loopback"]?.boolValue ?? true,
            entries: (registration?["allowed_uris"]?.arrayValue ?? []).compactMap(\.stringValue))
        accessTokenLifetime = oauth["grant"]?["access_token_lifetime"]?.duration ?? .seconds(900)
        sessionDuration = oauth["grant"]?["session_duration"]?.duration
    }
}

extension JSONText {
    /// Whether the document of an application has managed OAuth on.
    var hasManagedOAuth: Bool { object.flatMap { ManagedOAuthRules($0) } != nil }
}

extension GuardedApplication {
    /// `nil` where managed OAuth is off.
    package var managedOAuth: ManagedOAuthRules? { ManagedOAuthRules(document) }
}
