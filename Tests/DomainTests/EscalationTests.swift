import Domain
import Primitives
import Testing

/// A small world: the tree `root > child > grandchild` and `other`, an account in each and one on its own.
struct SmallWorld {
    static let root = OrganizationID(high: 1, low: 1)
    static let child = OrganizationID(high: 1, low: 2)
    static let grandchild = OrganizationID(high: 1, low: 3)
    static let other = OrganizationID(high: 1, low: 4)
    static let user = UserID(high: 3, low: 1)
    static let stranger = UserID(high: 3, low: 2)

    static let chains: [OrganizationID: [OrganizationID]] = [
        root: [root], child: [child, root], grandchild: [grandchild, child, root], other: [other],
    ]
    static let accounts: [AccountID: OrganizationID?] = [
        inRoot: root, inChild: child, inGrandchild: grandchild, inOther: other, alone: nil,
    ]
    static let inRoot = AccountID(high: 2, low: 1)
    static let inChild = AccountID(high: 2, low: 2)
    static let inGrandchild = AccountID(high: 2, low: 3)
    static let inOther = AccountID(high: 2, low: 4)
    static let alone = AccountID(high: 2, low: 5)

    static func chain(of account: AccountID) -> [OrganizationID]? {
        accounts[account].map { organization in organization.flatMap { chains[$0] } ?? [] }
    }

    /// Everything that rights can be asked for on.
    static let targets: [RightsTarget] =
        accounts.keys.sorted().map { .account($0, within: chain(of: $0) ?? []) }
        + chains.keys.sorted().map { .organization(chains[$0] ?? []) } + [.user(user), .user(stranger)]

    static let scopes: [RightsScope] =
        accounts.keys.sorted().map { .account($0) } + chains.keys.sorted().map { .organization($0) }
        + [.everyAccount, .everyOrganization, .user(user), .user(stranger)]

    static func escalation(of principal: Principal) -> Escalation<Never> {
        Escalation(
            of: principal, accountChain: { (id) throws(Never) in chain(of: id) },
            organizationChain: { (id) throws(Never) in chains[id] ?? [] })
    }

    static func principal(_ grants: [RightsGrant], ceiling: [RightsGrant]? = nil) -> Principal {
        Principal(user: user, email: nil, token: nil, grants: grants, ceiling: ceiling, isRoot: false)
    }
}

@Suite("Escalation")
struct EscalationTests {
    private func allow(_ permissions: PermissionSet, _ scope: RightsScope) -> RightsGrant {
        RightsGrant(effect: .allow, permissions: permissions, scope: scope)
    }

    private func deny(_ permissions: PermissionSet, _ scope: RightsScope) -> RightsGrant {
        RightsGrant(effect: .deny, permissions: permissions, scope: scope)
    }

    @Test(
        "a scope is held by whoever holds it or something around it",
        arguments: [
            (RightsScope.account(SmallWorld.inGrandchild), RightsScope.account(SmallWorld.inGrandchild), true),
            (.account(SmallWorld.inGrandchild), .account(SmallWorld.inChild), false),
            (.organization(SmallWorld.child), .account(SmallWorld.inGrandchild), true),
            (.organization(SmallWorld.child), .account(SmallWorld.inRoot), false),
            (.organization(SmallWorld.root), .organization(SmallWorld.grandchild), true),
            (.organization(SmallWorld.grandchild), .organization(SmallWorld.root), false),
            (.account(SmallWorld.inOther), .organization(SmallWorld.other), false),
            (.organization(SmallWorld.root), .everyAccount, false),
            (.everyAccount, .organization(SmallWorld.root), true),
            (.everyAccount, .account(SmallWorld.alone), true),
            (.everyOrganization, .account(SmallWorld.alone), true),
            (.everyOrganization, .everyAccount, true),
            (.user(SmallWorld.user), .user(SmallWorld.stranger), false),
            (.everyOrganization, .user(SmallWorld.user), false),
        ])
    func containment(held: RightsScope, wanted: RightsScope, isAllowed: Bool) {
        let creator = SmallWorld.principal([allow([.appsRead, .userTokensRead], held)])
        let group: PermissionSet = if case .user = wanted { [.userTokensRead] } else { [.appsRead] }
        #expect(SmallWorld.escalation(of: creator).holds(group, on: wanted) == isAllowed)
    }

    @Test("rights on organizations do not follow from rights on every account")
    func organizationRights() {
        let creator = SmallWorld.principal([allow([.organizationRead, .appsRead], .everyAccount)])
        let escalation = SmallWorld.escalation(of: creator)
        #expect(escalation.holds([.appsRead], on: .organization(SmallWorld.root)))
        #expect(!escalation.holds([.organizationRead], on: .organization(SmallWorld.root)))
    }

    @Test("a write brings its read, a read brings nothing")
    func implied() {
        let writer = SmallWorld.escalation(of: SmallWorld.principal([allow([.appsWrite], .everyAccount)]))
        #expect(writer.holds([.appsRead, .appsWrite], on: .account(SmallWorld.alone)))
        let reader = SmallWorld.escalation(of: SmallWorld.principal([allow([.appsRead], .everyAccount)]))
        #expect(!reader.holds([.appsWrite], on: .account(SmallWorld.alone)))
    }

    @Test("what is denied inside a scope is handed on only together with the denial")
    func denials() {
        let hole = deny([.appsRead], .account(SmallWorld.inGrandchild))
        let creator = SmallWorld.principal([allow([.appsRead], .organization(SmallWorld.root)), hole])
        let escalation = SmallWorld.escalation(of: creator)
        #expect(!escalation.holds([.appsRead], on: .organization(SmallWorld.root)))
        #expect(!escalation.holds([.appsRead], on: .account(SmallWorld.inGrandchild)))
        #expect(escalation.holds([.appsRead], on: .account(SmallWorld.inChild)))
        #expect(escalation.holds([.appsRead], on: .organization(SmallWorld.root), without: [hole]))
        let wider = deny([.appsRead], .organization(SmallWorld.child))
        #expect(escalation.holds([.appsRead], on: .organization(SmallWorld.root), without: [wider]))
        let elsewhere = deny([.appsRead], .account(SmallWorld.inChild))
        #expect(!escalation.holds([.appsRead], on: .organization(SmallWorld.root), without: [elsewhere]))
    }

    @Test("the owner's own rights bound a token's, too")
    func ceiling() {
        let creator = SmallWorld.principal(
            [allow([.appsRead], .everyAccount)], ceiling: [allow([.appsRead], .account(SmallWorld.inChild))])
        let escalation = SmallWorld.escalation(of: creator)
        #expect(escalation.holds([.appsRead], on: .account(SmallWorld.inChild)))
        #expect(!escalation.holds([.appsRead], on: .account(SmallWorld.inRoot)))
        #expect(escalation.parts(holding: [.appsRead], without: []) == [.account(SmallWorld.inChild)])
    }

    @Test("no token that passes reaches beyond its creator anywhere", arguments: 0..<40)
    func neverBeyond(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var passed = 0
        for _ in 0..<200 {
            let creator = SmallWorld.principal(
                random.grants(), ceiling: Bool.random(using: &random) ? random.grants() : nil)
            let escalation = SmallWorld.escalation(of: creator)
            let wanted = random.grants()
            let denied = wanted.filter { $0.effect == .deny }
            let isAllowed = wanted.allSatisfy { grant in
                grant.effect == .deny
                    || escalation.holds(grant.permissions.withImplied, on: grant.scope, without: denied)
            }
            guard isAllowed else { continue }
            passed += 1
            let token = SmallWorld.principal(wanted)
            for target in SmallWorld.targets {
                let meaningful = target.meaningful
                let excess = token.rights(on: target).intersection(meaningful).subtracting(creator.rights(on: target))
                #expect(excess.isEmpty, "\(wanted) by \(creator.grants) within \(String(describing: creator.ceiling))")
            }
        }
        #expect(passed > 0)
    }
}

extension RightsTarget {
    /// Rights that are ever asked for on such a target.
    fileprivate var meaningful: PermissionSet {
        switch self {
        case .account: .scope(.account)
        case .organization: .scope(.organization)
        case .user: .scope(.user)
        }
    }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    mutating func grants() -> [RightsGrant] {
        let groups: [PermissionGroup] = [
            .appsRead, .appsWrite, .organizationRead, .organizationWrite, .userTokensWrite,
        ]
        return (0..<Int.random(in: 1...4, using: &self)).compactMap { _ in
            guard let scope = SmallWorld.scopes.randomElement(using: &self) else { return nil }
            let permissions = PermissionSet(groups.filter { _ in Bool.random(using: &self) })
            let effect: RightsGrant.Effect = Int.random(in: 0..<4, using: &self) == 0 ? .deny : .allow
            return RightsGrant(effect: effect, permissions: permissions, scope: scope)
        }
    }
}
