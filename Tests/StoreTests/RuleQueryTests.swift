import Domain
import Primitives
import SQLite
import Store
import Testing

@Suite("Rules in the store")
struct RuleQueryTests {
    @Test("the list of identity selectors in SQL is that of the domain", arguments: RuleSelector.allCases)
    func identitySelectors(selector: RuleSelector) async throws {
        let folder = TemporaryFolder()
        let store = try Database.open(
            StoreOptions(path: folder.file("orgd.sqlite"), for: .serve(address: "test")),
            migrations: EmbeddedMigrations.all)
        defer { store.close() }
        let asks = try await store.writes.perform { (transaction: WriteTransaction) throws(Failure) -> Bool in
            let account = AccountID(at: Timestamp(seconds: 1))
            try transaction.execute(
                "INSERT INTO accounts (id, name, type, created_at, updated_at) VALUES (?, 'a', 'standard', 0, 0)",
                account)
            let policy = PolicyID(at: Timestamp(seconds: 1))
            let reference = RuleReference(list: .require, position: 0, selector: selector, target: nil)
            try transaction.setReferences([reference], of: policy, .policy, in: account)
            return try transaction.asksForIdentity(policy)
        }
        #expect(asks == selector.asksForIdentity)
    }
}
