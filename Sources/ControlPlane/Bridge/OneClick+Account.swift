package import Domain
import Primitives
package import Store

/// The parts of the one-click bridge that reach into the account's other resources.
extension Act {
    /// Sets Access up in an account that has no team yet.
    package func setUpAccess(
        in account: AccountID,
        _ draft: (_ name: String, _ team: String) throws(Failure) -> ZeroTrustOrganizationDraft
    ) throws(Failure) {
        try createZeroTrustOrganization(
            forAccount: account, named: try self.account(account, at: "/account_id").name, draft)
    }

    /// Sets Access up, under a team name made from the account's name.
    func createZeroTrustOrganization(
        forAccount account: AccountID, named name: String,
        _ draft: (_ name: String, _ team: String) throws(Failure) -> ZeroTrustOrganizationDraft
    ) throws(Failure) {
        _ = try createZeroTrustOrganization(try draft(name, try freeTeam(from: name)), in: account)
    }

    /// The name in lowercase letters, digits and hyphens; `-2`, `-3` … where it is taken.
    private func freeTeam(from name: String) throws(Failure) -> String {
        let base = TeamName.made(from: name)
        var team = base
        var number = 2
        while try transaction.isTeamTaken(team, at: now) {
            team = "\(base)-\(number)"
            number += 1
        }
        return team
    }

    /// Makes one identity provider the only login of every application of the account, the App Launcher included.
    ///
    /// - Returns: whether anything changed.
    func setOnlyLogin(_ allowed: IdentityProviderID, of account: AccountID) throws(Failure) -> Bool {
        try transaction.setOnlyLogin(allowed, of: account, at: now) > 0
    }
}

/// Team names made from the names of accounts.
enum TeamName {
    /// At most 58 characters, so that a number fits behind it; `team` where nothing usable is left.
    static func made(from name: String) -> String {
        var text = ""
        for byte in name.lowercased().utf8 {
            let isPlain =
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            if isPlain {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else if !text.isEmpty, !text.hasSuffix("-") {
                text += "-"
            }
        }
        text = String(text.prefix(58))
        while text.hasSuffix("-") { text.removeLast() }
        return text.isEmpty ? "team" : text
    }
}
