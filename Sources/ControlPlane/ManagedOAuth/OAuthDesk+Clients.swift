import Crypto
import Domain
import Federation
import HTTP
import JSON
import OAuth
import Primitives
import Store

/// Why an authorization ends on a page: there is nobody that an answer could be sent to.
package struct ClientFault: Error, Sendable, Equatable {
    /// A sentence for the person.
    package let detail: String

    static let unknown = ClientFault(
        detail:
            "This program is not known here, or has not been used for too long. Connect it again from its own settings."
    )
    static let redirect = ClientFault(
        detail: "This program asks for the answer at an address that it did not register.")
    static let notAllowed = ClientFault(
        detail: "The application does not allow programs to get answers at this address. Ask its administrator.")
}

extension OAuthDesk {
    /// The client that a request names: one that registered, or one whose id is the address of its document. Waits for
    /// that document where it is not at hand; call ``LoginDesk/refresh()`` afterwards.
    ///
    /// - Parameter registry: the account in which registrations are looked up; `nil` for those of the server itself.
    func client(
        named clientID: String, of account: AccountID, registry: AccountID?
    ) async throws(Failure) -> Result<
        ManagedClient, ClientFault
    > {
        guard clientID.hasPrefix("https:") else {
            guard let known = try desk.reader.managedClient(clientID, in: registry, at: now), known.kind == .registered
            else {
                return .failure(.unknown)
            }
            return .success(known)
        }
        let document: ClientDocument
        do throws(FetchFailure) {
            document = try await plane.managedOAuth.documents.document(clientID, at: now)
        } catch { return .failure(ClientFault(detail: "This program cannot be verified: \(error.explanation).")) }
        try desk.refresh()
        let known = try desk.reader.managedClient(clientID, in: account, at: now)
        return .success(
            ManagedClient(
                id: known?.id ?? randomIdentifier(), account: account, application: nil, clientID: clientID,
                kind: .document, name: document.name, method: .none, secretDigest: nil,
                redirectDocument: JSONText(
                    trusted: JSONValue.array(document.redirectURIs.map { .string($0) }).serialized()),
                mayRefresh: document.mayRefresh, document: .emptyObject, createdAt: known?.createdAt ?? now,
                lastUsedAt: known?.lastUsedAt, expiresAt: known?.expiresAt ?? now + ManagedClient.unusedLifetime))
    }

    /// Whether answers may go to a URI, as the client registered it and as the application has it now.
    func check(
        _ redirectURI: String, of client: ManagedClient, at target: OAuthTarget
    ) throws(ClientFault) {
        guard RedirectMatch.matches(redirectURI, anyOf: client.redirectURIs) else { throw .redirect }
        guard client.application == nil || client.application == target.application else { throw .unknown }
        guard let rules = target.rules, rules.redirects.allow(redirectURI),
            client.kind == .registered || rules.admitsUnknownClients
        else { throw .notAllowed }
    }
}

extension ManagedClient {
    /// SHA-256 of its redirect URIs: what consent was given for.
    var redirectsDigest: [UInt8] { SHA256.hash(redirectDocument.text).bytes }
}
