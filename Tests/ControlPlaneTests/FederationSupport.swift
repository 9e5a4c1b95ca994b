import TestKit

@testable import API

extension FederationWorld {
    /// Runs a test in a world of its own and tidies up after it.
    static func run(_ test: (FederationWorld) async throws -> Void) async throws {
        let own: [any RouteGroup.Type] = [TokenValidationRoutes.self, IdentityProviderTestRoutes.self]
        let missing = own.filter { group in !AllRoutes.groups.contains { $0 == group } }
        let world = try await FederationWorld(AllRoutes.groups + missing)
        do {
            try await test(world)
        } catch {
            await world.end()
            throw error
        }
        await world.end()
    }

    var alice: TestPerson { idp.people[0] }
    var bob: TestPerson { idp.people[1] }
}
