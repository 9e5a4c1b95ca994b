package import Domain
import Primitives
package import Store

extension Act {
    package func createCustomPage(_ draft: CustomPageDraft, in account: AccountID) throws(Failure) -> CustomPage {
        let id = CustomPageID(at: now)
        try transaction.insertCustomPage(id, draft, in: account, at: now)
        record(AuditEvent(.create, AuditedResource(.customPage, id.uuid), account: account))
        return try customPage(id, in: account)
    }

    package func replaceCustomPage(
        _ id: CustomPageID, with draft: CustomPageDraft, in account: AccountID
    ) throws(Failure) -> CustomPage {
        let old = try customPage(id, in: account)
        try check(version: old.version)
        if old.type != draft.type, try transaction.isPageInUse(id, in: account) {
            throw .refused(.accessConflict, "the page is in use, so its type can not change", at: "/type")
        }
        try transaction.updateCustomPage(id, draft, at: now)
        record(AuditEvent(.update, AuditedResource(.customPage, id.uuid), account: account))
        return try customPage(id, in: account)
    }

    package func deleteCustomPage(_ id: CustomPageID, in account: AccountID) throws(Failure) {
        try check(version: try customPage(id, in: account).version)
        guard try !transaction.isPageInUse(id, in: account) else {
            throw .refused(.accessConflict, "an application or the Zero Trust organization uses this page")
        }
        try transaction.deleteCustomPage(id)
        record(AuditEvent(.delete, AuditedResource(.customPage, id.uuid), account: account))
    }

    private func customPage(_ id: CustomPageID, in account: AccountID) throws(Failure) -> CustomPage {
        guard let page = try transaction.customPage(id, in: account) else {
            throw .refused(.accessNotFound, "custom page not found")
        }
        return page
    }
}
