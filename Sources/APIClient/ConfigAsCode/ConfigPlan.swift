import JSON

/// All steps from what the server has to what a document says, in no particular order but stable.
package struct ConfigPlan: Sendable {
    package private(set) var changes: [ConfigChange] = []
    /// What exists and is not in the file. Deleted only when pruning.
    package private(set) var unmanaged: [ConfigChange] = []

    /// Nothing to do.
    package var isEmpty: Bool { changes.isEmpty }

    /// The variables that new resources need for their secrets, without repetition.
    package var neededVariables: [String] {
        var names: [String] = []
        for change in changes where change.action == .create {
            let kind = ConfigKind.all.first { $0.member == change.section }
            for path in kind?.secrets ?? [] {
                guard let name = change.document.at(path)?["$env"]?.stringValue, !names.contains(name) else { continue }
                names.append(name)
            }
        }
        return names
    }

    /// - Parameters:
    ///   - live: `nil` when the organization does not exist yet.
    ///   - prune: what a managed section of the file leaves out is deleted. Accounts never are.
    /// - Throws: ``ClientError/invalidInput(_:)`` for a document that contradicts itself.
    package init(_ document: ConfigDocument, live: LiveOrganization?, prune: Bool) throws(ClientError) {
        planOrganization(document, live)
        for account in document.accounts {
            try plan(account, live: live?.account(account.key), outer: live?.names ?? NameTable())
        }
        planPrimary(document, live)
        for account in live?.accounts ?? [] where !document.accounts.contains(where: { $0.key == account.key }) {
            unmanaged.append(ConfigChange(.delete, .account, account: account.key, identifier: account.id))
        }
        guard prune else { return }
        changes += unmanaged.filter { $0.subject != .account }
        unmanaged.removeAll { $0.subject != .account }
    }

    private mutating func planOrganization(_ document: ConfigDocument, _ live: LiveOrganization?) {
        let wanted = JSONValue.object(document.organization)
        guard let live else {
            changes.append(ConfigChange(.create, .organization, key: document.name, document: wanted))
            return
        }
        let differences = Comparison.differences(wanted: wanted, live: live.body)
        guard !differences.isEmpty else { return }
        changes.append(
            ConfigChange(
                .update, .organization, key: document.name, document: wanted, differences: differences,
                identifier: live.id))
    }

    private mutating func planPrimary(_ document: ConfigDocument, _ live: LiveOrganization?) {
        let present = live?.primaryDocument
        guard let wanted = document.primary else {
            if present != nil { unmanaged.append(ConfigChange(.delete, .primary)) }
            return
        }
        guard let present else {
            changes.append(ConfigChange(.create, .primary, document: .object(wanted)))
            return
        }
        let differences = Comparison.differences(
            wanted: .object(wanted), live: .object(present), defaults: ["mode": "report"])
        guard !differences.isEmpty else { return }
        changes.append(ConfigChange(.update, .primary, document: .object(wanted), differences: differences))
    }

    private mutating func plan(
        _ account: ConfigDocument.Account, live: LiveAccount?, outer: NameTable
    ) throws(ClientError) {
        planAccount(account, live)
        let names = (live?.names ?? NameTable()).extended(by: outer)
        if let zeroTrust = account.zeroTrust {
            compare(
                .zeroTrust, account.key, wanted: .object(zeroTrust),
                present: try live?.zeroTrustDocument(names).map(JSONValue.object),
                defaults: ConfigKind.zeroTrustDefaults)
        }
        if let keys = account.keys {
            compare(
                .keys, account.key, wanted: .object(keys),
                present: live?.keysDocument.map(JSONValue.object) ?? ["key_rotation_interval_days": 42])
        }
        for kind in ConfigKind.all where account.sections[kind.member] != nil {
            try planSection(kind, account, live, names)
        }
        planGrants(account, live, names)
    }

    private mutating func planAccount(_ account: ConfigDocument.Account, _ live: LiveAccount?) {
        var wanted = account.settings
        wanted["name"] = .string(account.name)
        guard let live else {
            changes.append(ConfigChange(.create, .account, account: account.key, document: .object(wanted)))
            return
        }
        var present = live.settings
        present["name"] = live.body["name"]
        let differences = Comparison.differences(
            wanted: .object(wanted), live: .object(present), defaults: ["type": "standard"])
        guard !differences.isEmpty else { return }
        changes.append(
            ConfigChange(
                .update, .account, account: account.key, document: .object(wanted), differences: differences,
                identifier: live.id))
    }

    private mutating func compare(
        _ subject: ConfigChange.Subject, _ account: String, wanted: JSONValue, present: JSONValue?,
        defaults: JSONObject = [:]
    ) {
        guard let present else {
            changes.append(ConfigChange(.create, subject, account: account, document: wanted))
            return
        }
        let differences = Comparison.differences(wanted: wanted, live: present, defaults: defaults)
        guard !differences.isEmpty else { return }
        changes.append(
            ConfigChange(.update, subject, account: account, document: wanted, differences: differences))
    }

    private mutating func planSection(
        _ kind: ConfigKind, _ account: ConfigDocument.Account, _ live: LiveAccount?, _ names: NameTable
    ) throws(ClientError) {
        let subject = ConfigChange.Subject.resource(kind.member)
        var present: [String: LiveAccount.Item] = [:]
        for item in live?.sections[kind.member] ?? [] { present[item.key] = item }
        for (key, wanted) in account.items(of: kind) {
            guard let item = present.removeValue(forKey: key) else {
                changes.append(ConfigChange(.create, subject, account: account.key, key: key, document: wanted))
                continue
            }
            let differences = Comparison.differences(
                wanted: wanted, live: try kind.document(of: item.resource, names: names), defaults: kind.defaults,
                ignoring: kind.secrets.filter { wanted.at($0)?["$env"] != nil })
            guard !differences.isEmpty else { continue }
            changes.append(
                ConfigChange(
                    .update, subject, account: account.key, key: key, document: wanted, differences: differences,
                    identifier: item.id))
        }
        for item in live?.sections[kind.member] ?? [] where present[item.key] != nil {
            unmanaged.append(
                ConfigChange(.delete, subject, account: account.key, key: item.key, identifier: item.id))
        }
    }

    private mutating func planGrants(_ account: ConfigDocument.Account, _ live: LiveAccount?, _ names: NameTable) {
        guard let wanted = account.grants else { return }
        let present = live?.grantKeys(names) ?? []
        for key in wanted where !present.contains(key) {
            changes.append(ConfigChange(.create, .grant, account: account.key, key: key))
        }
        for (index, key) in present.enumerated() where !wanted.contains(key) {
            unmanaged.append(
                ConfigChange(
                    .delete, .grant, account: account.key, key: key,
                    identifier: live?.grants[index]["id"]?.stringValue))
        }
    }
}
