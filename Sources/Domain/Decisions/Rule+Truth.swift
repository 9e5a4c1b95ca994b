import Primitives

/// What each selector says of a visitor (contract 20 §12). Total and free of effects: whatever had to be asked elsewhere
/// is in the visitor already.
extension Rule {
    /// - Parameter group: the truth of a nested group.
    func truth(for visitor: Visitor, group: (GroupID) -> Truth) -> Truth {
        switch self {
        case .everyone: .yes
        case .group(let id): group(id)

        case .ip(let network): visitor.address.map { Truth(network.contains($0)) } ?? .unknown
        case .geo(let country): visitor.country.map { Truth(country.matchesExactly($0)) } ?? .unknown
        case .serviceToken(let id): Truth(visitor.serviceToken == id)
        case .anyValidServiceToken: Truth(visitor.serviceToken != nil)
        case .linkedAppToken(let id): visitor.brought { Truth($0.linkedApplications.contains(id)) }
        case .certificate: visitor.brought { Truth($0.certificate != nil) }
        case .commonName(let name):
            visitor.brought { Truth($0.certificate?.commonName.map(name.matchesExactly) ?? false) }

        case .email, .emailDomain, .loginMethod, .authMethod, .authContext, .azureGroup, .oktaGroup, .googleGroup,
            .oidc:
            visitor.identity.map { Truth(holds(of: $0)) } ?? .unknown
        case .userRiskScore(let levels):
            visitor.identity.map { _ in Truth(levels.contains(where: visitor.riskScore.matchesExactly)) } ?? .unknown
        case .accountMember(let account):
            visitor.identity.map { _ in Truth(visitor.memberships.contains(account)) } ?? .unknown
        case .externalEvaluation(let question):
            visitor.identity?.evaluations[question]?.isSuccess.map(Truth.init) ?? .unknown

        // Stored and answered, but nothing here can tell: there are no lists, no device checks, and no login by GitHub
        // or SAML.
        case .emailList, .ipList, .githubOrganization, .saml, .devicePosture, .unreadable: .unknown
        }
    }

    /// Whether the identity alone fulfils the rule; false for rules about anything else.
    private func holds(of identity: Identity) -> Bool {
        switch self {
        case .email(let address): identity.email.matchesIgnoringCase(address)
        case .emailDomain(let domain): identity.email.hasMailDomain(domain)
        case .loginMethod(let provider): identity.provider.answers(to: provider)
        case .authMethod(let method): identity.amr.contains(where: method.matchesExactly)
        case .authContext(let context, let provider):
            identity.provider.answers(to: provider) && identity.acrs.contains(where: context.matchesExactly)
        case .azureGroup(let group, let provider), .oktaGroup(let group, let provider):
            identity.provider.answers(to: provider) && identity.groups.contains(where: group.matchesExactly)
        case .googleGroup(let group, let provider):
            identity.provider.answers(to: provider) && identity.groups.contains(where: group.matchesIgnoringCase)
        case .oidc(let claim, let value, let provider):
            identity.provider.answers(to: provider) && identity.hasClaim(claim, value)
        case .emailList, .everyone, .group, .ip, .ipList, .geo, .githubOrganization, .saml, .serviceToken,
            .anyValidServiceToken, .linkedAppToken, .commonName, .certificate, .devicePosture, .userRiskScore,
            .externalEvaluation, .accountMember, .unreadable:
            false
        }
    }

    /// Whether the answer depends on the request and not on the login alone, so that each request must be judged
    /// ("cont." of contract 20 §12). A group does where its rules do.
    var isContinuous: Bool {
        switch self {
        case .ip, .ipList, .geo, .serviceToken, .anyValidServiceToken, .linkedAppToken, .commonName, .certificate,
            .devicePosture, .userRiskScore:
            true
        case .email, .emailDomain, .emailList, .everyone, .group, .loginMethod, .authMethod, .authContext, .azureGroup,
            .oktaGroup, .googleGroup, .githubOrganization, .saml, .oidc, .externalEvaluation, .accountMember,
            .unreadable:
            false
        }
    }
}

extension Visitor {
    /// What follows from a request to the application; unknown where there is none.
    fileprivate func brought(_ truth: (Visitor) -> Truth) -> Truth { isAtApplication ? truth(self) : .unknown }
}

extension Identity {
    fileprivate func hasClaim(_ name: String, _ value: String) -> Bool {
        guard let found = claims.index(forKey: name), claims[found].key.matchesExactly(name) else { return false }
        return claims[found].value.contains(where: value.matchesExactly)
    }
}
