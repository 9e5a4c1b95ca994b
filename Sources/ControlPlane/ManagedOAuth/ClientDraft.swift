import HTTP
import JSON
import OAuth
import Primitives

/// What a client says of itself when it registers (RFC 7591 §2), taken apart and checked.
struct ClientDraft {
    let name: String
    let method: ClientAuthMethod
    let redirectURIs: [String]
    let mayRefresh: Bool
    private let isWeb: Bool
    /// What is kept beside that.
    let document: JSONText

    private static let mostURIs = 10

    /// - Throws: `invalid_redirect_uri` or `invalid_client_metadata`.
    init(_ metadata: JSONObject) throws(OAuthError) {
        redirectURIs = try Self.redirectURIs(metadata["redirect_uris"])
        let name = try Self.text(metadata, "client_name")
        guard name.map(ClientName.isAcceptable) ?? true else {
            throw Self.problem("client_name must have 1 to 100 characters and no control characters")
        }
        self.name = name ?? "Unnamed client"
        method = try Self.text(metadata, "token_endpoint_auth_method").flatMap(ClientAuthMethod.init) ?? .none
        let grants = try Self.texts(metadata, "grant_types")
        guard grants?.contains("authorization_code") ?? true else {
            throw Self.problem("grant_types must include authorization_code")
        }
        mayRefresh = grants?.contains("refresh_token") ?? true
        guard try Self.texts(metadata, "response_types")?.contains("code") ?? true else {
            throw Self.problem("response_types must include code")
        }
        switch try Self.text(metadata, "application_type") {
        case nil, "native": isWeb = false
        case "web": isWeb = true
        default: throw Self.problem("application_type must be native or web")
        }
        document = JSONText(trusted: try Self.kept(metadata, isWeb: isWeb).serialized())
    }

    var redirectDocument: JSONText {
        JSONText(trusted: JSONValue.array(redirectURIs.map { .string($0) }).serialized())
    }

    /// Each redirect URI must be allowed by one of the applications that the client may be for.
    func check(against rules: [RedirectRules]) throws(OAuthError) {
        for (position, uri) in redirectURIs.enumerated() {
            let isRemotePlain = isWeb && uri.lowercased().hasPrefix("http:") && !RedirectMatch.isLoopback(uri)
            guard !isRemotePlain, rules.contains(where: { $0.allow(uri) }) else {
                throw OAuthError(
                    .invalidRedirectURI, "redirect_uris: number \(position + 1) is not allowed by the application")
            }
        }
    }

    // MARK: Reading

    private static func problem(_ detail: String) -> OAuthError { OAuthError(.invalidClientMetadata, detail) }

    private static func redirectURIs(_ value: JSONValue?) throws(OAuthError) -> [String] {
        let texts = value?.arrayValue?.compactMap(\.stringValue) ?? []
        guard let count = value?.arrayValue?.count, (1...mostURIs).contains(count), texts.count == count else {
            throw OAuthError(.invalidRedirectURI, "redirect_uris must be a list of 1 to \(mostURIs) URIs")
        }
        return texts
    }

    /// A member left out, `null` and empty are one.
    private static func text(_ metadata: JSONObject, _ name: String) throws(OAuthError) -> String? {
        guard let value = metadata[name], !value.isNull else { return nil }
        guard let text = value.stringValue else { throw problem("\(name) must be a text") }
        return text.isEmpty ? nil : text
    }

    private static func texts(_ metadata: JSONObject, _ name: String) throws(OAuthError) -> [String]? {
        guard let value = metadata[name], !value.isNull else { return nil }
        let texts = value.arrayValue?.compactMap(\.stringValue) ?? []
        guard let count = value.arrayValue?.count, count == texts.count, count <= 20 else {
            throw problem("\(name) must be a list of texts")
        }
        return texts
    }

    /// Members that nobody acts on; those that are links only where they are good ones.
    private static func kept(_ metadata: JSONObject, isWeb: Bool) throws(OAuthError) -> JSONObject {
        var kept = JSONObject()
        kept["application_type"] = .string(isWeb ? "web" : "native")
        for name in ["client_uri", "logo_uri", "tos_uri", "policy_uri"] {
            guard let text = try text(metadata, name), let url = WebAddress(text), url.scheme == .https,
                url.isAcceptable
            else { continue }
            kept[name] = .string(text)
        }
        for name in ["scope", "software_id", "software_version"] {
            guard let text = try text(metadata, name) else { continue }
            guard text.utf8.count <= 1024 else { throw problem("\(name) is longer than 1024 bytes") }
            kept[name] = .string(text)
        }
        if let contacts = try texts(metadata, "contacts"), contacts.allSatisfy({ $0.utf8.count <= 254 }),
            !contacts.isEmpty
        {
            kept["contacts"] = .array(contacts.map { .string($0) })
        }
        return kept
    }
}
