import Crypto
package import Domain
package import Primitives

/// What a request tells of the browser that sent it.
package struct Browser: Sendable {
    package let address: IPAddress
    /// From a trusted proxy, or empty.
    package let country: String
    /// The request's ray, for logs and pages.
    package let ray: String
    /// The cookie that ties a login to the browser (`CF_Session`).
    package let secret: BrowserSecret

    package init(address: IPAddress, country: String, ray: String, secret: BrowserSecret) {
        self.address = address
        self.country = country
        self.ray = ray
        self.secret = secret
    }

    func logged(_ action: AccessRequest.Action, isAllowed: Bool) -> AccessRequest {
        var row = AccessRequest(action, isAllowed: isAllowed, address: address.text, ray: ray)
        row.country = country
        return row
    }

    package func visitor(_ identity: Identity?) -> Visitor {
        Visitor(identity: identity, address: address, country: country.isEmpty ? nil : country)
    }
}

/// A random value in a cookie, of which the server keeps the SHA-256 only.
package struct BrowserSecret: Sendable {
    package let text: String
    package var digest: [UInt8] { SHA256.hash(text).bytes }

    /// A new one: 256 random bits.
    package init() { text = RandomToken.base64URL(bytes: 32) }

    /// One that a cookie holds; `nil` for what this server did not make.
    package init?(cookie text: String?) {
        guard let text, text.utf8.count == 43, Base64URL.decode(text) != nil else { return nil }
        self.text = text
    }
}
