import Domain
import Federation
import Store

/// The designated identity providers, by which people come in to the API.
struct PrimaryTrust {
    let issuers: IssuerTrust
    /// The organizations that designated a provider.
    let organizations: [IdentityProviderID: [OrganizationID]]
    /// Where the providers are, each account once.
    let accounts: [AccountID]

    init(_ primaries: [PrimaryIssuer]) {
        var organizations: [IdentityProviderID: [OrganizationID]] = [:]
        var issuers: [TrustedIssuer] = []
        var accounts: [AccountID] = []
        for primary in primaries {
            let isNew = organizations[primary.provider.id] == nil
            organizations[primary.provider.id, default: []].append(primary.organization)
            if !accounts.contains(primary.provider.account) { accounts.append(primary.provider.account) }
            guard isNew, let profile = VerificationProfile(primary.provider), profile.issuer != nil else { continue }
            issuers.append(TrustedIssuer(id: primary.provider.id, profile: profile, standing: .allowed))
        }
        self.issuers = IssuerTrust(issuers)
        self.organizations = organizations
        self.accounts = accounts
    }
}
