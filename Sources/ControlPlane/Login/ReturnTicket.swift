import Crypto
package import Domain
import JSON
import Primitives

/// A login of somebody with a session that stopped at a page: what brings them back to where they were going.
///
/// Pages carry it sealed, so nobody reads or changes it. It works in the browser that it was made for only, which makes it
/// the protection of a form against other sites too.
package struct ReturnTicket: Sendable, Equatable {
    package let destination: ApplicationReturn
    /// SHA-256 of the browser's cookie.
    let browserDigest: [UInt8]
    /// The login that stopped was a new one, so it may open applications that ask for one each time.
    package let isNewLogin: Bool
    /// What the person stated, and under which policy.
    package var purpose: StatedPurpose?
    let expiresAt: Timestamp

    package struct StatedPurpose: Sendable, Equatable {
        package let policy: PolicyID
        package let text: String

        package init(policy: PolicyID, text: String) {
            self.policy = policy
            self.text = text
        }
    }

    private static let label = "return ticket"

    func sealed(by vault: Vault) throws(CryptoError) -> String {
        var fields: JSONObject = [
            "to": LoginDestination.application(destination).json, "browser": .string(Base64URL.encode(browserDigest)),
            "new": .bool(isNewLogin), "until": .integer(expiresAt.microseconds),
        ]
        if let purpose { fields["purpose"] = [.string(purpose.policy.uuid), .string(purpose.text)] }
        return Base64URL.encode(try vault.seal(JSONValue.object(fields).serializedBytes(), for: Self.label))
    }

    init(
        _ destination: ApplicationReturn, for browser: Browser, isNewLogin: Bool, purpose: StatedPurpose?,
        until end: Timestamp
    ) {
        self.destination = destination
        browserDigest = browser.secret.digest
        self.isNewLogin = isNewLogin
        self.purpose = purpose
        expiresAt = end
    }

    /// `nil` for what is no ticket, has expired, or was made for another browser.
    init?(_ text: String, for browser: Browser, vault: Vault, at now: Timestamp) {
        guard text.utf8.count <= 32_768, let sealed = Base64URL.decode(text),
            let bytes = try? vault.open(sealed, for: Self.label), let value = try? JSONParser.parse(bytes),
            let target = value["to"].flatMap(LoginDestination.init), case .application(let way) = target,
            let digest = value["browser"]?.stringValue.flatMap({ Base64URL.decode($0) }),
            let end = value["until"]?.integerValue, now < Timestamp(microseconds: end),
            constantTimeEqual(digest, browser.secret.digest)
        else { return nil }
        destination = way
        browserDigest = digest
        isNewLogin = value["new"]?.boolValue ?? false
        expiresAt = Timestamp(microseconds: end)
        if let policy = value["purpose"]?[0]?.stringValue.flatMap({ PolicyID(uuid: $0) }),
            let stated = value["purpose"]?[1]?.stringValue
        {
            purpose = StatedPurpose(policy: policy, text: stated)
        }
    }
}

/// The value in a form that other sites cannot know: it stands for a browser, a session and a form.
package enum FormToken {
    package static func make(_ form: String, _ session: Session, _ browser: Browser, _ vault: Vault) -> String {
        let content = Array("form \(form) \(session.nonce.text) ".utf8) + browser.secret.digest
        return Base64URL.encode(vault.authenticator(of: content))
    }

    package static func isGood(
        _ text: String?, _ form: String, _ session: Session, _ browser: Browser, _ vault: Vault
    ) -> Bool {
        guard let text else { return false }
        return constantTimeEqual(Array(text.utf8), Array(make(form, session, browser, vault).utf8))
    }
}
