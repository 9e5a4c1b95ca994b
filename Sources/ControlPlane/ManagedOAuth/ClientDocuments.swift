package import Federation
package import HTTP
import JSON
import OAuth
package import Primitives
import Synchronization

/// Gets documents that describe clients (contract 50 §6). Implementations follow no redirect, stay away from private and
/// loopback addresses unless the configuration allows them, connect to the address that they checked, and keep to
/// ``ClientDocuments``'s bounds.
package protocol ClientDocumentFetcher: Sendable {
    func fetchClientDocument(_ url: WebAddress) async throws(FetchFailure) -> FetchedDocument
}

extension OfflineFetcher: ClientDocumentFetcher {
    package func fetchClientDocument(_ url: WebAddress) async throws(FetchFailure) -> FetchedDocument {
        throw FetchFailure("there is no network here")
    }
}

/// What a document says of its client.
package struct ClientDocument: Sendable, Equatable {
    package let clientID: String
    package let name: String
    package let redirectURIs: [String]
    package let mayRefresh: Bool
}

/// Client ID metadata documents (draft-ietf-oauth-client-id-metadata-document-00): fetched when somebody authorizes,
/// kept as long as HTTP says within bounds. Shared by all loops.
package final class ClientDocuments: Sendable {
    package static let deadline = Duration.seconds(5)
    package static let bodyLimit = 5 * 1024
    private static let capacity = 1000
    static let shortest = Duration.seconds(300)
    static let longest = Duration.seconds(24 * 3600)
    static let failureLifetime = Duration.seconds(60)

    private struct Entry {
        let outcome: Result<ClientDocument, FetchFailure>
        let end: Timestamp
    }

    private let fetcher: any ClientDocumentFetcher
    private let entries = Mutex<[String: Entry]>([:])
    private let fetches = SlidingLimit<String>(10, in: .seconds(60))

    package init(fetcher: any ClientDocumentFetcher) { self.fetcher = fetcher }

    /// Whether a client id is the URL of a document: https with a path, without fragment, user information and dot
    /// segments, encoded ones included.
    package static func address(_ clientID: String) -> WebAddress? {
        guard clientID.hasPrefix("https://"), clientID.utf8.count <= 2048, let url = WebAddress(clientID),
            url.fragment == nil, !url.hasUserInfo, url.path != "/"
        else { return nil }
        let segments = url.path.lowercased().split(separator: "/").map { segment in
            segment.split(separator: "%2e", omittingEmptySubsequences: false).joined(separator: ".")
        }
        return segments.contains(".") || segments.contains("..") ? nil : url
    }

    /// The client behind an id.
    ///
    /// - Throws: why there is none, as a sentence without anything that the other server sent.
    package func document(_ clientID: String, at now: Timestamp) async throws(FetchFailure) -> ClientDocument {
        guard let url = Self.address(clientID) else {
            throw FetchFailure("a client id that is a URL must be https, with a path and nothing hidden in it")
        }
        if let known = entries.withLock({ $0[clientID] }), now < known.end { return try known.outcome.get() }
        guard fetches.spend(url.authority, at: now) == nil else {
            throw FetchFailure("the host of this client was asked too often: try again in a minute")
        }
        let entry = await fetch(clientID, url, at: now)
        entries.withLock { entries in
            if entries.count >= Self.capacity { entries = entries.filter { now < $0.value.end } }
            if entries.count >= Self.capacity { entries.removeAll() }
            entries[clientID] = entry
        }
        return try entry.outcome.get()
    }

    private func fetch(_ clientID: String, _ url: WebAddress, at now: Timestamp) async -> Entry {
        do throws(FetchFailure) {
            let response = try await fetcher.fetchClientDocument(url)
            let document = try Self.read(response, clientID)
            return Entry(outcome: .success(document), end: now + Self.lifetime(response.fields))
        } catch { return Entry(outcome: .failure(error), end: now + Self.failureLifetime) }
    }

    /// `max-age` of Cache-Control within bounds; the shortest without one, and where it must not be stored.
    static func lifetime(_ fields: Fields) -> Duration {
        let directives = fields.values(.cacheControl).joined(separator: ",").lowercased().split(separator: ",")
            .map { $0.filter { $0 != " " && $0 != "\t" } }
        if directives.contains("no-store") || directives.contains("no-cache") { return shortest }
        for directive in directives where directive.hasPrefix("max-age=") {
            guard let seconds = Int(directive.dropFirst(8)), seconds >= 0 else { return shortest }
            return min(max(.seconds(min(seconds, 86_400)), shortest), longest)
        }
        return shortest
    }

    // MARK: Reading

    private static func read(_ response: FetchedDocument, _ clientID: String) throws(FetchFailure) -> ClientDocument {
        guard response.status == 200 else {
            throw FetchFailure("the document of this client cannot be had: status \(response.status)")
        }
        guard let type = response.fields[.contentType], isJSON(type) else {
            throw FetchFailure("the document of this client is not JSON by its content type")
        }
        guard response.body.count <= bodyLimit else { throw FetchFailure("the document of this client is too large") }
        guard let object = object(response.body) else {
            throw FetchFailure("the document of this client is not a JSON object")
        }
        guard object["client_id"]?.stringValue?.utf8.elementsEqual(clientID.utf8) == true else {
            throw FetchFailure("the document of this client names another client_id")
        }
        guard object["client_secret"] == nil, object["client_secret_expires_at"] == nil else {
            throw FetchFailure("the document of this client holds a secret, which everybody can read")
        }
        guard let name = object["client_name"]?.stringValue, ClientName.isAcceptable(name) else {
            throw FetchFailure("the document of this client has no usable client_name")
        }
        let method = object["token_endpoint_auth_method"]
        guard method == nil || method?.stringValue == "none" else {
            throw FetchFailure("the document of this client asks for an authentication method other than none")
        }
        let uris = object["redirect_uris"]?.arrayValue ?? []
        let texts = uris.compactMap(\.stringValue)
        guard (1...50).contains(uris.count), texts.count == uris.count else {
            throw FetchFailure("the document of this client has no usable redirect_uris")
        }
        let grants = object["grant_types"]?.arrayValue?.compactMap(\.stringValue)
        guard grants?.contains("authorization_code") ?? true else {
            throw FetchFailure("the document of this client does not use authorization codes")
        }
        return ClientDocument(
            clientID: clientID, name: name, redirectURIs: texts,
            // Documents that say nothing are those of clients that take what they get.
            mayRefresh: grants?.contains("refresh_token") ?? true)
    }

    private static func isJSON(_ contentType: String) -> Bool {
        let type = contentType.prefix { $0 != ";" }.lowercased().filter { $0 != " " && $0 != "\t" }
        return type == "application/json" || (type.hasPrefix("application/") && type.hasSuffix("+json"))
    }

    private static func object(_ bytes: [UInt8]) -> JSONObject? {
        do throws(JSONError) {
            return try JSONParser.parse(bytes, limits: JSONLimits(maxDepth: 10, maxMembers: 200)).objectValue
        } catch { return nil }
    }
}

/// Names that clients give themselves.
package enum ClientName {
    /// At most 100 characters, none of which hides, reorders or breaks what is around it.
    package static func isAcceptable(_ name: String) -> Bool {
        !name.isEmpty && name.count <= 100 && name.utf8.count <= 1000
            && name.unicodeScalars.allSatisfy { scalar in
                switch scalar.properties.generalCategory {
                case .control, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
                case .format: !isDirectional(scalar)
                default: true
                }
            }
    }

    private static func isDirectional(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
