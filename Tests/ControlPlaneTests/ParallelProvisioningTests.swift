import JSON
import Synchronization
import TestKit
import Testing

@Suite("Provisioning in parallel")
struct ParallelProvisioningTests {
    @Test("a thousand accounts from 64 clients: a thousand connections, and never an account without one")
    func thousand() async throws {
        let world = try await World(loops: 2)
        let organization = await world.organization("Acme")
        let source = await world.account("hub", in: organization, team: "hub")
        let idp = await world.idp(of: source)
        #expect(await world.designate(idp, of: source, for: organization).status == 200)
        let served = try ServedWorld(world)
        let isDone = Atomic(false)
        // I6: what no snapshot may ever show.
        async let looks = {
            var looks = 0
            while !isDone.load(ordering: .relaxed) {
                let bare = try await world.texts(
                    """
                    SELECT lower(hex(a.id)) FROM accounts a WHERE a.organization_id IS NOT NULL AND a.id <> x'\(source)'
                       AND NOT EXISTS (SELECT 1 FROM connections c WHERE c.account_id = a.id)
                    """)
                #expect(bare.isEmpty)
                looks += 1
            }
            return looks
        }()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<64 {
                group.addTask {
                    for number in stride(from: client, to: 1000, by: 64) {
                        let status = try await served.post(
                            "/accounts", ["name": .string("account \(number)"), "unit": ["id": .string(organization)]])
                        #expect(status == 200)
                    }
                }
            }
            try await group.waitForAll()
        }
        isDone.store(true, ordering: .relaxed)
        #expect(try await looks > 0)
        #expect(try await world.texts("SELECT CAST(count(*) AS TEXT) FROM connections") == ["1000"])
        #expect(try await world.texts("SELECT CAST(count(DISTINCT account_id) AS TEXT) FROM connections") == ["1000"])
        let summary = await world.get("/organizations/\(organization)/idp_coverage").result["summary"]
        #expect(summary?["bridged"] == 1000 && summary?["missing"] == 0)
        await served.close()
    }
}
