/// The world as contract 30 tells it, in plain sets. Slow and obvious: what must be there is worked out from nothing each
/// time.
struct BridgeModel {
    struct IdP: Equatable {
        let account, type: String
        var name: String

        var canLogIn: Bool { !["saml", "github", "facebook", "linkedin", "yandex"].contains(type) }
        var isFederable: Bool { type != "onetimepin" && type != "cloudflare" }
    }

    struct Grant: Hashable { let account, idp: String }

    enum Target: Hashable {
        case account(String)
        case organization(String)
    }

    struct Share: Equatable {
        let account: String
        /// Those that still exist.
        var grants: Set<String>
        var targets: Set<Target>
    }

    struct Primary: Equatable {
        var account, idp, grant, share: String
        var mode: String
        var exempt: Set<String>
    }

    struct App: Equatable {
        let account: String
        var idps: [String]
    }

    struct Rule: Equatable { let account, idp: String }

    struct Pair: Hashable { let grant, account: String }

    var organizations: [String] = []
    var parents: [String: String] = [:]
    var accounts: [String] = []
    var homes: [String: String] = [:]
    var accessAccounts: Set<String> = []
    var idps: [String: IdP] = [:]
    var grants: [String: Grant] = [:]
    var shares: [String: Share] = [:]
    var primaries: [String: Primary] = [:]
    var apps: [String: App] = [:]
    /// Policies by the identity provider that their one rule names.
    var policies: [String: Rule] = [:]

    // MARK: The tree

    /// An organization and those above it, the root last.
    func chain(_ organization: String) -> [String] {
        var chain = [organization]
        while let parent = parents[chain[chain.count - 1]] { chain.append(parent) }
        return chain
    }

    func chain(ofAccount account: String) -> [String] { homes[account].map { chain($0) } ?? [] }
    func root(_ account: String) -> String? { chain(ofAccount: account).last }
    func accounts(below organization: String) -> [String] {
        accounts.filter { chain(ofAccount: $0).contains(organization) }
    }

    // MARK: What must be

    /// The accounts that a share reaches.
    func reached(by id: String, _ share: Share) -> Set<String> {
        Set(
            accounts.filter { account in
                guard account != share.account, let root = root(account), root == self.root(share.account) else {
                    return false
                }
                return share.targets.contains { target in
                    switch target {
                    case .account(let named): return named == account
                    case .organization(let organization):
                        guard chain(ofAccount: account).contains(organization) else { return false }
                        let primary = primaries[organization]
                        return !(primary?.share == id && primary?.exempt.contains(account) == true)
                    }
                }
            })
    }

    /// *entitled(g, a)* of contract 30 §10.
    var entitled: Set<Pair> {
        var pairs: Set<Pair> = []
        for (id, share) in shares {
            for account in reached(by: id, share) {
                for grant in share.grants { pairs.insert(Pair(grant: grant, account: account)) }
            }
        }
        return pairs
    }

    /// The nearest designation upwards, with its organization.
    func governing(_ account: String) -> (organization: String, primary: Primary)? {
        for organization in chain(ofAccount: account) {
            if let primary = primaries[organization] { return (organization, primary) }
        }
        return nil
    }

    func status(_ account: String, _ pairs: Set<Pair>) -> String? {
        guard let (_, primary) = governing(account) else { return nil }
        if primary.account == account { return "source" }
        if primary.exempt.contains(account) { return "exempt" }
        return pairs.contains(Pair(grant: primary.grant, account: account)) ? "bridged" : "missing"
    }

    func isEnforced(_ account: String) -> Bool {
        guard let (_, primary) = governing(account) else { return false }
        return primary.mode == "enforce" && (primary.account == account || !primary.exempt.contains(account))
    }

    func grants(of account: String) -> [String] { grants.keys.filter { grants[$0]?.account == account }.sorted() }
    func grant(ofIdP idp: String) -> String? { grants.keys.first { grants[$0]?.idp == idp } }
    func isPrimary(grant: String) -> Bool { primaries.values.contains { $0.grant == grant } }
    func hostsPrimary(_ account: String) -> Bool { primaries.values.contains { $0.account == account } }

    /// The organizations whose designation an account would leave behind by going to `destination`.
    func wouldAbandonPrimary(_ account: String, to destination: String?) -> Bool {
        let above = destination.map { chain($0) } ?? []
        return primaries.contains { $0.value.account == account && !above.contains($0.key) }
    }

    // MARK: What happens

    mutating func remove(grant: String) {
        grants[grant] = nil
        for id in shares.keys { shares[id]?.grants.remove(grant) }
    }

    mutating func move(account: String, to destination: String?) {
        let before = root(account)
        homes[account] = destination
        if before != root(account) { for grant in grants(of: account) { remove(grant: grant) } }
    }

    mutating func remove(account: String) {
        accounts.removeAll { $0 == account }
        homes[account] = nil
        accessAccounts.remove(account)
        idps = idps.filter { $0.value.account != account }
        apps = apps.filter { $0.value.account != account }
        policies = policies.filter { $0.value.account != account }
        shares = shares.filter { $0.value.account != account }
        for id in shares.keys { shares[id]?.targets.remove(.account(account)) }
        for id in primaries.keys { primaries[id]?.exempt.remove(account) }
    }

    mutating func remove(organization: String) {
        organizations.removeAll { $0 == organization }
        parents[organization] = nil
        primaries[organization] = nil
        for id in shares.keys { shares[id]?.targets.remove(.organization(organization)) }
    }

    mutating func end(primaryOf organization: String) {
        guard let primary = primaries.removeValue(forKey: organization) else { return }
        shares[primary.share]?.targets.remove(.organization(organization))
    }

    /// What is left of the lists of applications when connections have ended: the others stay, and the last one stays dead
    /// rather than leave the list open to all.
    func isLegitimate(_ list: [String], after old: [String], ended: Set<String>) -> Bool {
        let live = old.filter { !ended.contains($0) }
        if !live.isEmpty || old.isEmpty { return list == live }
        return list.count == 1 && old.contains(list[0])
    }
}
