/// Where a principal holds a right, as sets of scopes: the form in which a list asks the database for what may be seen.
package struct Reach: Sendable, Hashable {
    /// Each layer must allow and must not deny: the credential's own grants, and the ceiling of its owner.
    package let layers: [Layer]

    package struct Layer: Sendable, Hashable {
        package let allowed: Set<RightsScope>
        package let denied: Set<RightsScope>
    }

    private init(_ group: PermissionGroup, of principal: Principal) {
        layers = [principal.grants, principal.ceiling].compactMap(\.self).map { grants in
            Layer(
                allowed: Set(
                    grants.filter { $0.effect == .allow && $0.permissions.withImplied.contains(group) }.map(\.scope)),
                denied: Set(grants.filter { $0.effect == .deny && $0.permissions.contains(group) }.map(\.scope)))
        }
    }

    /// The reaches of any of `groups`, each once. Empty when the principal holds none of them anywhere.
    package static func of(_ principal: Principal, _ groups: some Sequence<PermissionGroup>) -> [Reach] {
        var known: Set<Reach> = []
        return groups.map { Reach($0, of: principal) }
            .filter { reach in reach.layers.allSatisfy { !$0.allowed.isEmpty } && known.insert(reach).inserted }
    }
}
