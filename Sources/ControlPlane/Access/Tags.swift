package import Domain
package import Store

extension Act {
    package func createTag(_ name: String, in account: AccountID) throws(Failure) -> Tag {
        try checkFree(name, in: account)
        try transaction.insertTag(name, in: account, at: now)
        record(AuditEvent(.create, AuditedResource(.tag, name), account: account))
        return try tag(name, in: account)
    }

    /// Renames a tag wherever it is attached.
    package func renameTag(_ name: String, to other: String, in account: AccountID) throws(Failure) -> Tag {
        try check(version: try tag(name, in: account).version)
        if name != other { try checkFree(other, in: account) }
        try transaction.renameTag(name, to: other, in: account, at: now)
        record(AuditEvent(.update, AuditedResource(.tag, other), account: account))
        return try tag(other, in: account)
    }

    /// Deletes a tag and detaches it from its applications.
    package func deleteTag(_ name: String, in account: AccountID) throws(Failure) {
        try check(version: try tag(name, in: account).version)
        try transaction.deleteTag(name, in: account, at: now)
        record(AuditEvent(.delete, AuditedResource(.tag, name), account: account))
    }

    private func tag(_ name: String, in account: AccountID) throws(Failure) -> Tag {
        guard let tag = try transaction.tag(name, in: account) else { throw .refused(.accessNotFound, "tag not found") }
        return tag
    }

    private func checkFree(_ name: String, in account: AccountID) throws(Failure) {
        guard try !transaction.hasTag(name, in: account) else {
            throw .refused(.accessConflict, "a tag with this name exists already", at: "/name")
        }
    }
}
