package import Domain
import JSON
package import Primitives

package enum ManagedClientTag {}
package typealias ManagedClientID = Identifier<ManagedClientTag>

/// A client of managed OAuth: a program that acts for people at applications of one account, or at the control plane's
/// own API (contract 50 §5 and §6).
package struct ManagedClient: Sendable, Equatable {
    /// How the client came to be known. The raw value is stable.
    package enum Kind: String, Sendable {
        /// It registered itself (RFC 7591).
        case registered = "dcr"
        /// Its id is the URL of a document that describes it.
        case document = "metadata_document"
    }

    package let id: ManagedClientID
    /// Absent for a client that registered for the API: it belongs to the server.
    package let account: AccountID?
    /// The only application it may ask for; absent for a client of the account.
    package let application: ApplicationID?
    /// What it calls itself in requests.
    package let clientID: String
    package let kind: Kind
    /// What it says its name is. Nobody has verified it.
    package let name: String
    package let method: ClientAuthMethod
    /// SHA-256 of its secret.
    package let secretDigest: [UInt8]?
    /// A JSON array of texts.
    package let redirectDocument: JSONText
    package let mayRefresh: Bool
    /// What else it said of itself, as a JSON object.
    package let document: JSONText
    package let createdAt: Timestamp
    package let lastUsedAt: Timestamp?
    package let expiresAt: Timestamp

    package init(
        id: ManagedClientID, account: AccountID?, application: ApplicationID?, clientID: String, kind: Kind,
        name: String,
        method: ClientAuthMethod, secretDigest: [UInt8]?, redirectDocument: JSONText, mayRefresh: Bool,
        document: JSONText, createdAt: Timestamp, lastUsedAt: Timestamp?, expiresAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.application = application
        self.clientID = clientID
        self.kind = kind
        self.name = name
        self.method = method
        self.secretDigest = secretDigest
        self.redirectDocument = redirectDocument
        self.mayRefresh = mayRefresh
        self.document = document
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
        self.expiresAt = expiresAt
    }

    package var redirectURIs: [String] {
        do throws(JSONError) {
            return try JSONParser.parse(redirectDocument).arrayValue?.compactMap(\.stringValue) ?? []
        } catch { return [] }
    }

    /// How long a client lasts that nobody uses.
    package static let unusedLifetime = Duration.seconds(24 * 3600)
    /// How long a client lasts after its last grant.
    package static let idleLifetime = Duration.seconds(90 * 86_400)
    /// Live registrations of an account.
    package static let maxRegistrations = 10_000
}
