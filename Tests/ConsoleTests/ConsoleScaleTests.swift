import Domain
import JSON
import Primitives
import Store
import TestKit
import Testing

/// Lists stay quick however many accounts there are.
@Suite("Scale of the console")
struct ConsoleScaleTests {
    private static let paths = ["/accounts", "/", "/drift?status=all", "/accounts?search=a", "/tree", "/primary-idp"]

    /// How many statements each page of an organization takes.
    private func statements(accounts: Int) async throws -> [UInt64] {
        let world = try await ConsoleWorld()
        let organization = await world.base.organization("Acme")
        let source = await world.base.account("source", in: organization, team: "source")
        let idp = await world.base.idp(of: source)
        await world.base.designate(idp, of: source, for: organization)
        for number in 1..<accounts {
            let account = await world.base.account("a\(number)", in: organization, team: "a\(number)")
            _ = await world.base.idp("Other", of: account)
        }
        let browser = try await world.browser()
        var counts: [UInt64] = []
        for path in Self.paths {
            let address = path == "/" ? "/organizations/\(organization)" : "/organizations/\(organization)\(path)"
            // The first time fills caches of statements.
            #expect(await browser.get(address).status == 200, "\(address)")
            let before = try await world.base.backgroundExecutions()
            #expect(await browser.get(address).status == 200)
            counts.append(try await world.base.backgroundExecutions() - before)
        }
        return counts
    }

    @Test("a page takes as many statements with twenty accounts as with three")
    func flat() async throws {
        let (few, many) = (try await statements(accounts: 3), try await statements(accounts: 20))
        #expect(few == many)
        #expect(many.allSatisfy { $0 > 0 && $0 < 60 })
    }
}
