import Crypto
import Domain
import Primitives
import Testing

@Suite("Fixed identifiers")
struct FixedIdentifierTests {
    private func digits(_ text: String) -> String { String(SHA256.hash(text).hex.prefix(32)) }

    @Test("permission groups have ids of their names, and the public ones where they are known")
    func permissionGroups() {
        let known: [PermissionGroup: String] = [
            .appsWrite: "959972745952452f8be2452be8cbb9f2", .accountTokensWrite: "5bc3f8b21c554832afc660159ab75fa4",
            .accountTokensRead: "eb56a6953c034b9d97dd838155666f06",
        ]
        for group in PermissionGroup.allCases {
            #expect(group.id == known[group] ?? digits("orgd:pg:\(group.name)"), "\(group)")
            #expect(PermissionGroup(id: group.id) == group)
        }
        #expect(PermissionGroup(id: "00000000000000000000000000000000") == nil)
    }

    @Test("roles have ids of their names")
    func roles() {
        for role in AccountRole.allCases {
            #expect(role.id == digits("orgd:role:\(role.rawValue)"), "\(role)")
            #expect(AccountRole(id: role.id) == role)
        }
    }

    @Test("features of entitlements are numbered from one, without a gap")
    func entitlements() {
        #expect(Entitlement.Feature.allCases.map(\.number) == Array(1...Entitlement.Feature.allCases.count))
    }
}
