import Crypto
import HTTP
package import Primitives

/// How a client proves at the token endpoint who it is. The raw value is the registered name.
package enum ClientAuthMethod: String, Sendable, CaseIterable {
    case basic = "client_secret_basic"
    case post = "client_secret_post"
    /// A public client: it names itself and proves nothing.
    case none
}

/// What a request to the token or revocation endpoint says of its client (RFC 6749 §2.3).
package struct ClientCredential: Sendable {
    package let clientID: String
    package let method: ClientAuthMethod
    /// Absent for a public client.
    package let secret: Secret<String>?

    private init(_ clientID: String, _ method: ClientAuthMethod, _ secret: String?) {
        self.clientID = clientID
        self.method = method
        self.secret = secret.map { Secret($0) }
    }

    /// - Parameter authorization: values of the field Authorization.
    /// - Throws: `invalid_request` for two methods at once (RFC 6749 §2.3) or two different names, `invalid_client` for
    ///   credentials that cannot be read or none at all.
    package static func read(
        authorization: [String], _ parameters: Parameters
    ) throws(OAuthError) -> ClientCredential {
        let (named, secret) = (parameters["client_id"], parameters["client_secret"])
        guard let field = authorization.first else {
            guard let named else { throw .invalidClient }
            return ClientCredential(named, secret == nil ? .none : .post, secret)
        }
        guard authorization.count == 1, let (id, password) = basic(field) else { throw .invalidClient }
        guard secret == nil else {
            throw OAuthError(.invalidRequest, "the client authenticates in two ways at once")
        }
        guard named == nil || named?.utf8.elementsEqual(id.utf8) == true else {
            throw OAuthError(.invalidRequest, "client_id differs from the one that authenticates")
        }
        return ClientCredential(id, .basic, password)
    }

    /// Whether the client proves itself by one of its methods.
    ///
    /// - Parameter digest: SHA-256 of its secret; `nil` when it has none.
    package func isGood(for methods: [ClientAuthMethod], secretDigest digest: [UInt8]?) -> Bool {
        guard methods.contains(method) else { return false }
        guard let secret else { return method == .none }
        guard let digest, !secret.exposed().isEmpty else { return false }
        return constantTimeEqual(SHA256.hash(secret.exposed()).bytes, digest)
    }

    /// Name and password, both form-encoded (RFC 6749 §2.3.1), in Base64 (RFC 7617).
    private static func basic(_ field: String) -> (id: String, password: String)? {
        let parts = field.split(separator: " ")
        guard parts.count == 2, parts[0].lowercased() == "basic", parts[1].utf8.count <= 4096,
            let bytes = Base64.decode(parts[1]), let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            let id = PercentEncoding.decode(bytes[..<colon], plusIsSpace: true),
            let password = PercentEncoding.decode(bytes[(colon + 1)...], plusIsSpace: true), !id.isEmpty
        else { return nil }
        return (id, password)
    }
}
