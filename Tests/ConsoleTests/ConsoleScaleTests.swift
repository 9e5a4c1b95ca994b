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
    private func statements(
        accounts: Int, seeding seed: (World) async throws -> Void = { _ in }
    ) async throws -> [UInt64] {
        let world = try await ConsoleWorld()
        let organization = await world.base.organization("Acme")
        let source = await world.base.account("source", in: organization, team: "source")
        let idp = await world.base.idp(of: source)
        await world.base.designate(idp, of: source, for: organization)
        for number in 1..<accounts {
            let account = await world.base.account("a\(number)", in: organization, team: "a\(number)")
            _ = await world.base.idp("Other", of: account)
        }
        try await seed(world.base)
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

    /// Adds accounts past all use cases: every second one is connected, and each has an identity provider of its own, which
    /// is a finding where the primary is enforced.
    private func seed(_ count: Int, in world: World) async throws {
        try await world.execute(
            """
            INSERT INTO accounts (id, organization_id, name, type, created_at, updated_at)
            WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < \(count))
            SELECT randomblob(16), (SELECT id FROM organizations), 'seeded ' || n, 'standard', n, n FROM numbers
            """)
        try await world.execute(
            """
            INSERT INTO identity_providers (id, account_id, type, name, config, scim_config, created_at, updated_at)
            SELECT randomblob(16), id, 'onetimepin', 'PIN', '{}', '{}', 0, 0 FROM accounts WHERE name LIKE 'seeded %'
            """)
        try await world.execute(
            """
            INSERT INTO connections (id, grant_id, account_id, created_at)
            SELECT randomblob(16), (SELECT grant_id FROM primary_idps), id, 0 FROM accounts
            WHERE name LIKE 'seeded %' AND created_at % 2 = 0
            """)
    }

    @Test("ten thousand accounts take as many statements as three, and the list, the search and the overview find them")
    func tenThousand() async throws {
        let few = try await statements(accounts: 3)
        let many = try await statements(accounts: 3) { world in try await seed(9_997, in: world) }
        #expect(few == many)
        let world = try await ConsoleWorld()
        let organization = await world.base.organization("Acme")
        let source = await world.base.account("source", in: organization, team: "source")
        await world.base.designate(await world.base.idp(of: source), of: source, for: organization)
        try await seed(9_999, in: world.base)
        let browser = try await world.browser()
        let list = await browser.get("/accounts?page=2&per_page=50")
        #expect(list.text.contains("10,000 accounts") || list.text.contains("10000 accounts"))
        #expect(list.text.ranges(of: "scope=\"row\"").count == 50)
        let found = await browser.get("/accounts?search=seeded%204321")
        #expect(found.text.ranges(of: "scope=\"row\"").count == 1)
        #expect(found.text.contains("seeded 4321"))
        let overview = await browser.get("/")
        #expect(overview.status == 200)
        #expect(overview.text.contains("10000"))
    }

    @Test("a page takes as many statements with twenty accounts as with three")
    func flat() async throws {
        let (few, many) = (try await statements(accounts: 3), try await statements(accounts: 20))
        #expect(few == many)
        #expect(many.allSatisfy { $0 > 0 && $0 < 60 })
    }
}
