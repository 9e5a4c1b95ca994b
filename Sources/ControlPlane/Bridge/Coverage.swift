package import Domain
package import Store

/// How well an organization's primary IdP reaches its accounts, and where accounts have drifted (contract 30 §8).
package struct Coverage: Sendable {
    package let accounts: [GovernedAccount]
    package let drifts: [AccountID: [Drift]]

    /// Two statements, whatever the number of accounts.
    package init(below organization: OrganizationID, _ reader: any Reading) throws(Failure) {
        accounts = try reader.governedAccounts(below: organization)
        drifts = Dictionary(grouping: try reader.drifts(in: .tree(organization)), by: \.account)
    }

    /// One account on its own.
    package init(of account: GovernedAccount, _ reader: any Reading) throws(Failure) {
        accounts = [account]
        drifts = [account.account: try reader.drifts(in: .account(account.account))]
    }

    package func count(_ status: BridgeStatus) -> Int { accounts.count { $0.status == status } }

    package var withDrift: Int { accounts.count { drifts[$0.account]?.isEmpty == false } }
}

/// What a page of the coverage report shows beyond the accounts themselves.
package struct CoverageDetails: Sendable {
    package let others: [AccountID: [OfferedProvider]]
    package let policies: [PolicyID: Policy]
    package let groups: [GroupID: AccessGroup]
    package let applications: [ApplicationID: Application]
    package let policiesOfApplications: [ApplicationID: [AttachedPolicy]]
    /// Whom an allow policy may name in place of everybody: those who administer the organization.
    package let administrators: [String]

    /// A constant number of statements for a page of at most 100 accounts.
    package init(of accounts: [GovernedAccount], _ coverage: Coverage, _ reader: any Reading) throws(Failure) {
        var others: [AccountID: [OfferedProvider]] = [:]
        for provider in try reader.loginProviders(of: accounts.map(\.account)) {
            guard accounts.first(where: { $0.account == provider.account })?.allowed != provider.id else { continue }
            others[provider.account, default: []].append(provider)
        }
        self.others = others
        var policies: [PolicyID] = []
        var groups: [GroupID] = []
        var applications: [ApplicationID] = []
        for drift in accounts.flatMap({ coverage.drifts[$0.account] ?? [] }) {
            switch drift.subject {
            case .policy(let id): policies.append(id)
            case .group(let id): groups.append(id)
            case .application(let id): applications.append(id)
            case .account, .identityProvider: break
            }
        }
        self.policies = try reader.policies(policies)
        self.groups = try reader.groups(groups)
        self.applications = try reader.applications(applications)
        policiesOfApplications = try reader.policies(ofApplications: applications)
        administrators =
            try accounts.first.map { (account) throws(Failure) in
                try reader.administratorAddresses(of: account.organization)
            } ?? []
    }
}
