import Domain
import Primitives
import SQLite
import Store
import Testing

/// Organizations and accounts of a random shape, written through the store.
struct Forest {
    var parents: [OrganizationID: OrganizationID?] = [:]
    var homes: [AccountID: OrganizationID?] = [:]

    /// From an organization up to its root, worked out without the database.
    func chain(of id: OrganizationID) -> [OrganizationID] {
        var chain = [id]
        while let last = chain.last, let parent = parents[last] ?? nil { chain.append(parent) }
        return chain
    }

    func chain(of id: AccountID) -> [OrganizationID] { (homes[id] ?? nil).map { chain(of: $0) } ?? [] }
}

struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

@Suite("Organizations in the store")
struct OrganizationTreeStoreTests {
    private func open() throws -> TestStore { try TestStore(migrations: EmbeddedMigrations.all) }

    private func organization(_ number: Int, below parent: OrganizationID?) -> Organization {
        let instant = Timestamp(seconds: Int64(1_700_000_000 + number))
        return Organization(
            id: OrganizationID(at: instant), name: "o\(number)", parent: parent.map { .init(id: $0, name: "") },
            hierarchy: [], profile: nil, createdAt: instant, updatedAt: instant, version: 1)
    }

    private func account(_ number: Int, in owner: OrganizationID?) -> Account {
        let instant = Timestamp(seconds: Int64(1_800_000_000 + number))
        return Account(
            id: AccountID(at: instant), name: "a\(number)", kind: .standard, settings: .init(),
            owner: owner.map { .init(id: $0, name: "") }, createdAt: instant, updatedAt: instant, version: 1)
    }

    /// Twelve organizations and thirty accounts, somewhere.
    private func plant(_ store: Database, _ random: inout SplitMix) async throws -> Forest {
        var forest = Forest()
        var organizations: [Organization] = []
        for number in 0..<12 {
            let parent = number < 2 ? nil : organizations.randomElement(using: &random)?.id
            let new = organization(number, below: parent)
            organizations.append(new)
            forest.parents[new.id] = .some(parent)
        }
        var accounts: [Account] = []
        for number in 0..<30 {
            let home = number % 7 == 0 ? nil : organizations.randomElement(using: &random)?.id
            let new = account(number, in: home)
            accounts.append(new)
            forest.homes[new.id] = .some(home)
        }
        let (allOrganizations, allAccounts) = (organizations, accounts)
        try await store.writes.perform { (transaction) throws(Failure) in
            for new in allOrganizations { try transaction.insert(new) }
            for new in allAccounts { try transaction.insert(new) }
        }
        return forest
    }

    private func expectChains(_ forest: Forest, in store: Database) async throws {
        for id in forest.parents.keys {
            let expected = forest.chain(of: id)
            let found = try await store.background { (reader) throws(Failure) in
                (try reader.chain(of: id), try reader.organization(id))
            }
            #expect(found.0 == expected)
            #expect(found.1?.hierarchy == Array(expected.reversed()))
            #expect(found.1?.parent?.id == expected.dropFirst().first)
        }
    }

    @Test("ancestors follow every move", arguments: 0..<6)
    func moves(seed: UInt64) async throws {
        let store = try open()
        var random = SplitMix(seed: seed)
        var forest = try await plant(store.store, &random)
        try await expectChains(forest, in: store.store)
        for _ in 0..<10 {
            guard let moved = forest.parents.keys.sorted().randomElement(using: &random) else { continue }
            let candidates = forest.parents.keys.sorted().filter { !forest.chain(of: $0).contains(moved) }
            let target: OrganizationID? =
                Int.random(in: 0..<5, using: &random) == 0 ? nil : candidates.randomElement(using: &random)
            forest.parents[moved] = .some(target)
            try await store.store.writes.perform { (transaction) throws(Failure) in
                try transaction.move(moved, under: target)
            }
        }
        try await expectChains(forest, in: store.store)
        let roots = try await store.store.background { (reader) throws(Failure) in
            try reader.values("SELECT id, root_id FROM organizations") { (row) throws(SQLiteError) in
                (try row.identifier(0, OrganizationTag.self), try row.identifier(1, OrganizationTag.self))
            }
        }
        for (id, root) in roots { #expect(root == forest.chain(of: id).last) }
    }

    @Test("lists show exactly what the principal holds the right on", arguments: 0..<12)
    func visibility(seed: UInt64) async throws {
        let store = try open()
        var random = SplitMix(seed: seed)
        let forest = try await plant(store.store, &random)
        for _ in 0..<25 {
            let principal = Principal(
                user: nil, email: nil, token: nil, grants: random.grants(forest),
                ceiling: Bool.random(using: &random) ? random.grants(forest) : nil, isRoot: false)
            let groups: [PermissionGroup] =
                Bool.random(using: &random) ? [.accountSettingsRead] : PermissionGroup.allCases
            let wanted = PermissionSet(groups)
            let expected = forest.homes.keys.sorted().filter { id in
                !principal.rights(on: .account(id, within: forest.chain(of: id))).isDisjoint(with: wanted)
            }
            let organizations = forest.parents.keys.sorted().filter { id in
                principal.rights(on: .organization(forest.chain(of: id))).contains(.organizationRead)
            }
            let found = try await store.store.background { (reader) throws(Failure) in
                (
                    try reader.accounts(
                        within: Reach.of(principal, groups), named: nil, isDescending: false,
                        PageRequest(page: 1, perPage: 1000)),
                    try reader.organizations(
                        within: Reach.of(principal, [.organizationRead]), OrganizationFilter(), after: nil, limit: 1000)
                )
            }
            #expect(found.0.items.map(\.id) == expected)
            #expect(found.0.total == expected.count)
            #expect(found.1.items.map(\.id) == organizations)
            #expect(found.1.total == organizations.count)
        }
    }
}

extension SplitMix {
    fileprivate mutating func grants(_ forest: Forest) -> [RightsGrant] {
        let scopes: [RightsScope] =
            forest.homes.keys.sorted().map { .account($0) } + forest.parents.keys.sorted().map { .organization($0) }
            + [.everyAccount, .everyOrganization, .everyAccount, .everyOrganization]
        let groups: [PermissionGroup] = [.accountSettingsRead, .accountSettingsWrite, .organizationRead, .appsRead]
        return (0..<Int.random(in: 1...4, using: &self)).compactMap { _ in
            guard let scope = scopes.randomElement(using: &self) else { return nil }
            return RightsGrant(
                effect: Int.random(in: 0..<4, using: &self) == 0 ? .deny : .allow,
                permissions: PermissionSet(groups.filter { _ in Bool.random(using: &self) }), scope: scope)
        }
    }
}
