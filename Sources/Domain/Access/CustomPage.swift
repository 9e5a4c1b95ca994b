package import Primitives

package enum CustomPageType: String, Sendable, CaseIterable {
    case identityDenied = "identity_denied"
    case forbidden, login, interstitial
}

/// A page that an account shows instead of ours.
package struct CustomPage: Sendable, Equatable {
    package let id: CustomPageID
    package let name: String
    package let type: CustomPageType
    package let contractVersion: Int
    package let createdAt: Timestamp
    package let updatedAt: Timestamp
    package let version: Int

    /// Bytes that the HTML of a page may have.
    package static let maxBytes = 512 * 1024

    package init(
        id: CustomPageID, name: String, type: CustomPageType, contractVersion: Int, createdAt: Timestamp,
        updatedAt: Timestamp, version: Int
    ) {
        self.id = id
        self.name = name
        self.type = type
        self.contractVersion = contractVersion
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
    }
}

/// What a caller asks for when creating or replacing a page.
package struct CustomPageDraft: Sendable, Equatable {
    package let name: String
    package let type: CustomPageType
    package let html: String
    package let contractVersion: Int

    package init(name: String, type: CustomPageType, html: String, contractVersion: Int) {
        self.name = name
        self.type = type
        self.html = html
        self.contractVersion = contractVersion
    }
}
