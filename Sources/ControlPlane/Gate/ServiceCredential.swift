package import Domain
import JSON
package import Primitives

/// A service token's pair as a request brings it (contract 40 §5).
package enum ServiceCredential: Sendable {
    case absent
    /// Incomplete, repeated, in two forms at once, or no pair of ours by its form.
    case malformed
    case pair(ServiceTokenClientID, secret: Secret<String>)

    /// - Parameters:
    ///   - ids: values of `CF-Access-Client-Id`.
    ///   - secrets: values of `CF-Access-Client-Secret`.
    ///   - documents: values of the field that the application reads service tokens from.
    package init(ids: [String], secrets: [String], documents: [String]) {
        let written = documents.filter(Self.isDocument)
        switch (ids.isEmpty && secrets.isEmpty, written.isEmpty) {
        case (true, true): self = .absent
        case (false, false): self = .malformed
        case (false, true):
            guard ids.count == 1, secrets.count == 1 else {
                self = .malformed
                return
            }
            self.init(id: ids[0], secret: secrets[0])
        case (true, false):
            guard documents.count == 1, let members = Self.members(of: documents[0]), let id = members.id,
                let secret = members.secret
            else {
                self = .malformed
                return
            }
            self.init(id: id, secret: secret)
        }
    }

    private init(id: String, secret: String) {
        let suffix = ".access"
        guard id.hasSuffix(suffix), let client = ServiceTokenClientID(hex: id.dropLast(suffix.utf8.count)),
            (1...256).contains(secret.utf8.count)
        else {
            self = .malformed
            return
        }
        self = .pair(client, secret: Secret(secret))
    }

    private static let longest = 4096

    /// Whether a value means to be a pair. The field may be `Authorization`, in which clients send other things too.
    private static func isDocument(_ text: String) -> Bool {
        guard text.utf8.first == UInt8(ascii: "{") else { return false }
        guard let members = members(of: text) else { return true }
        return members.id != nil || members.secret != nil
    }

    /// `nil` for what is no JSON object of texts; a member twice is none either.
    private static func members(of text: String) -> (id: String?, secret: String?)? {
        guard text.utf8.count <= longest else { return nil }
        let object: JSONObject
        do throws(JSONError) {
            guard let parsed = try JSONParser.parse(Array(text.utf8)).objectValue else { return nil }
            object = parsed
        } catch { return nil }
        var found: (id: String?, secret: String?)
        for (name, value) in object {
            switch name.lowercased() {
            case "cf-access-client-id":
                guard found.id == nil, let text = value.stringValue else { return nil }
                found.id = text
            case "cf-access-client-secret":
                guard found.secret == nil, let text = value.stringValue else { return nil }
                found.secret = text
            default: break
            }
        }
        return found
    }
}

/// Why a service token was not good. The raw value is what the log and the metrics say.
package enum ServiceTokenFault: String, Sendable, CaseIterable {
    case malformed
    case unknown
    case wrongSecret = "wrong_secret"
    case disabled
    case expired
    /// Good, but no policy admits it.
    case notAdmitted = "not_admitted"
}
