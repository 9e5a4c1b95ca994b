package import Domain
package import Store

/// What an enforced primary IdP refuses in one account (contract 30 §9).
package struct Enforcement: Sendable {
    /// The one identity provider that may be named: the connection, or at the source the primary itself.
    package let allowed: Set<IdentityProviderID>

    /// - Throws: 21107 with a pointer to each item that names another identity provider.
    package func check(allowedIdPs ids: [IdentityProviderID], at pointer: String) throws(Failure) {
        try refuse(ids.enumerated().map { (id: $0.element, pointer: "\(pointer)/\($0.offset)") })
    }

    /// - Parameter loginMethods: those of `include` lists only; excluding another identity provider admits nobody.
    package func check(
        loginMethods: [(id: IdentityProviderID, pointer: String)]
    ) throws(Failure) {
        try refuse(loginMethods)
    }

    private func refuse(_ named: [(id: IdentityProviderID, pointer: String)]) throws(Failure) {
        let problems = named.filter { !allowed.contains($0.id) }.map {
            Problem(
                .bridgeEnforced,
                "the organization enforces its primary identity provider: name the connection or nothing",
                at: $0.pointer)
        }
        guard problems.isEmpty else { throw .refused(Refusal(problems)) }
    }
}

extension Act {
    /// The enforcement that governs the account now, or `nil`.
    package func enforcement(of account: AccountID) throws(Failure) -> Enforcement? {
        guard let governed = try transaction.facts(of: account)?.governed, governed.isEnforced else { return nil }
        // Rules accept the connection id and the source's own id alike (contract 30 §5).
        var allowed: Set<IdentityProviderID> = [governed.sourceIdentityProvider]
        if let connection = governed.connection { allowed.insert(connection) }
        return Enforcement(allowed: allowed)
    }
}
