package import Primitives

/// A label of an account's applications.
package struct Tag: Sendable, Equatable {
    package let name: String
    package let appCount: Int
    package let createdAt: Timestamp
    package let updatedAt: Timestamp
    package let version: Int

    package init(name: String, appCount: Int, createdAt: Timestamp, updatedAt: Timestamp, version: Int) {
        self.name = name
        self.appCount = appCount
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
    }
}
