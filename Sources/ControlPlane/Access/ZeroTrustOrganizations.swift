package import Domain
import Primitives
package import Store

extension Act {
    package func createZeroTrustOrganization(
        _ draft: ZeroTrustOrganizationDraft, in account: AccountID
    ) throws(Failure) -> ZeroTrustOrganization {
        guard try transaction.zeroTrustOrganization(of: account) == nil else {
            throw .refused(.accessConflict, "the account has a Zero Trust organization already")
        }
        try check(draft, in: account)
        try transaction.insertZeroTrustOrganization(draft, of: account, at: now)
        // Whether an account has one is part of what the API remembers of a credential.
        transaction.touches(.credentials)
        record(AuditEvent(.create, AuditedResource(.zeroTrustOrganization, account.hex), account: account))
        return try zeroTrustOrganization(of: account)
    }

    /// A new team name moves login at once; the old one is kept from others for 30 days.
    package func replaceZeroTrustOrganization(
        with draft: ZeroTrustOrganizationDraft, in account: AccountID
    ) throws(Failure) -> ZeroTrustOrganization {
        let old = try zeroTrustOrganization(of: account)
        try check(version: old.version)
        try check(draft, in: account)
        try transaction.updateZeroTrustOrganization(draft, of: account, at: now)
        if old.team != draft.team {
            try transaction.retireTeam(old.team, of: account, until: now + ZeroTrustOrganization.retirement)
            try transaction.moveAppLauncher(of: account, to: "\(draft.team).\(settings.accessDomain)", at: now)
        }
        record(AuditEvent(.update, AuditedResource(.zeroTrustOrganization, account.hex), account: account))
        return try zeroTrustOrganization(of: account)
    }

    package func zeroTrustOrganization(of account: AccountID) throws(Failure) -> ZeroTrustOrganization {
        guard let organization = try transaction.zeroTrustOrganization(of: account) else {
            throw .refused(.zeroTrustNotEnabled)
        }
        return organization
    }

    private func check(_ draft: ZeroTrustOrganizationDraft, in account: AccountID) throws(Failure) {
        var problems: [Problem] = []
        for page in draft.customPages {
            let place = "/custom_pages/\(page.type.rawValue)"
            if let found = try transaction.customPage(page.id, in: account) {
                guard found.type != page.type else { continue }
                problems.append(
                    Problem(.accessInvalidRequest, "the custom page is of type \(found.type.rawValue)", at: place))
            } else {
                problems.append(Problem(.accessInvalidRequest, "the custom page does not exist", at: place))
            }
        }
        try refuse(problems)
        switch try transaction.holder(ofTeam: draft.team, at: now) {
        case nil, .account(account)?, .retired(account)?: break
        case .account?: throw .refused(.accessConflict, "the team name is taken", at: "/auth_domain")
        case .retired?:
            throw .refused(
                .accessConflict, "the team name was given up less than 30 days ago and is not free yet",
                at: "/auth_domain")
        }
    }
}
