import Domain
import Primitives
import Testing

@Suite("Limits and keys")
struct OrganizationTreeTests {
    @Test("a tree has eight levels", arguments: [(7, 1, true), (8, 1, false), (0, 8, true), (4, 5, false)])
    func depth(depth: Int, height: Int, fits: Bool) {
        if fits {
            #expect(throws: Never.self) { try OrganizationTree.admit(depth: depth, height: height, siblings: 0) }
        } else {
            #expect(throws: Refusal.self) { try OrganizationTree.admit(depth: depth, height: height, siblings: 0) }
        }
    }

    @Test("an organization has a hundred others directly below it; the top has no such limit")
    func children() {
        #expect(throws: Never.self) { try OrganizationTree.admit(depth: 1, height: 1, siblings: 99) }
        #expect(throws: Refusal.self) { try OrganizationTree.admit(depth: 1, height: 1, siblings: 100) }
        #expect(throws: Never.self) { try OrganizationTree.admit(depth: 0, height: 1, siblings: 5000) }
    }

    @Test("resource keys name a scope, nothing, or are unknown")
    func resourceKeys() {
        let hex = "0123456789abcdef0123456789abcdef"
        #expect(ResourceKey("com.cloudflare.api.account.*") == .scope(.everyAccount))
        #expect(ResourceKey("com.cloudflare.api.organization.*") == .scope(.everyOrganization))
        #expect(ResourceKey("com.cloudflare.api.account.\(hex)") == AccountID(hex: hex).map { .scope(.account($0)) })
        #expect(
            ResourceKey("com.cloudflare.api.organization.\(hex)")
                == OrganizationID(hex: hex).map { .scope(.organization($0)) })
        #expect(ResourceKey("com.cloudflare.api.user.\(hex)") == UserID(hex: hex).map { .scope(.user($0)) })
        #expect(ResourceKey("com.cloudflare.api.account.zone.*") == .ignored)
        #expect(ResourceKey("com.cloudflare.edge.r2.bucket.\(hex)_default_x") == .ignored)
        for key in [
            "", "com.cloudflare.api.account", "com.cloudflare.api.account.", "com.cloudflare.api.user.*", "foo",
            "com.cloudflare.api.account.\(hex.uppercased())", "com.cloudflare.api.accounts.\(hex)",
        ] {
            #expect(ResourceKey(key) == nil, "\(key)")
        }
    }

    @Test("a member's policy on another group of resources allows nothing and still denies")
    func resourceGroups() {
        let account = AccountID(high: 1, low: 1)
        let rights = MemberRights(
            roles: [],
            policies: [
                MemberPolicy(effect: .allow, groups: [.appsRead], resourceGroups: ["elsewhere"]),
                MemberPolicy(effect: .allow, groups: [.appsWrite], resourceGroups: [account.hex]),
                MemberPolicy(effect: .deny, groups: [.sharingRead], resourceGroups: ["elsewhere"]),
            ])
        let grants = rights.grants(on: account)
        #expect(grants.allowed == [.appsWrite])
        #expect(grants.denied == [.sharingRead])
    }
}
