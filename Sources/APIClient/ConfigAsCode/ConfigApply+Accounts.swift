import JSON

/// What is to be done in one account and what is known of it so far.
struct AccountWork: Sendable {
    let key: String
    let id: String
    let changes: [ConfigChange]
    let live: LiveAccount?
    var names: NameTable
    /// The account itself or its Zero Trust organization could not be made, so nothing in it can.
    var isBroken: Bool

    func changes(of subject: ConfigChange.Subject, _ actions: ConfigChange.Action...) -> [ConfigChange] {
        changes.filter { $0.subject == subject && actions.contains($0.action) }
    }

    func item(_ change: ConfigChange) -> LiveAccount.Item? {
        live?.sections[change.section]?.first { $0.key == change.key }
    }
}

extension ConfigApply {
    /// Creates and updates the accounts themselves. Every account of the document or the server comes back, because
    /// others may name it.
    func prepareAccounts(
        _ plan: ConfigPlan, _ document: ConfigDocument, _ live: LiveOrganization?, _ organization: String
    ) async -> [(AccountWork, Outcome)] {
        let byAccount = Dictionary(grouping: plan.changes, by: \.account)
        var keys = live?.accounts.map(\.key) ?? []
        keys += document.accounts.map(\.key).filter { key in live?.account(key) == nil }
        let inputs = keys.map { key in (key: key, live: live?.account(key), changes: byAccount[key] ?? []) }
        return await inParallel(inputs, width: width) { input in
            var outcome = Outcome()
            var id = input.live?.id ?? ""
            for change in input.changes where change.subject == .account {
                await record(change, &outcome) { () async throws(ClientError) in
                    id = try await applyAccount(change, organization, named: document.name)
                }
            }
            let isBroken = id.isEmpty
            if isBroken { outcome.skipped += input.changes.count - outcome.failures.count }
            let work = AccountWork(
                key: input.key, id: id, changes: input.changes, live: input.live,
                names: input.live?.names ?? NameTable(), isBroken: isBroken)
            return (work, outcome)
        }
    }

    private func applyAccount(
        _ change: ConfigChange, _ organization: String, named own: String
    ) async throws(ClientError) -> String {
        let wanted = change.document
        var owner = organization
        if let name = wanted["organization"]?.stringValue, name != own {
            owner = try await client.identifier(of: .organization, named: name, in: .root)
        }
        var id = change.identifier ?? ""
        var needsUpdate = change.action == .update
        if change.action == .create {
            var body: JSONObject = ["unit": ["id": .string(owner)]]
            body["name"] = wanted["name"]
            body["type"] = wanted["type"]
            id = try await client.post(APIPath("accounts"), .object(body)).result["id"]?.stringValue ?? ""
            needsUpdate = wanted["settings"]?.objectValue?.contains { !$0.value.isBlank } ?? false
        } else if change.differences.contains(where: { $0.path == "organization" }) {
            _ = try await client.post(
                APIPath("accounts", id, "move"), ["destination_organization_id": .string(owner)])
            needsUpdate = change.differences.count > 1
        }
        guard needsUpdate else { return id }
        let path = APIPath("accounts", id)
        let present = try await client.get(path).result
        var base: JSONObject = ["id": .string(id)]
        for key in ["name", "type", "settings"] { base[key] = present[key] }
        _ = try await client.put(
            path, JSONValue.object(base).merged(with: wanted.removing([["organization"]])))
        return id
    }

    /// What the rest of the account stands on: Zero Trust organization, identity providers, grants.
    func applyFoundation(_ work: inout AccountWork, _ outcome: inout Outcome) async {
        let path = APIPath("accounts", work.id, "access", "organizations")
        for change in work.changes(of: .zeroTrust, .create) {
            // Its pages do not exist yet; they are named once they do.
            await record(change, &outcome) { () async throws(ClientError) in
                _ = try await client.post(path, change.document.removing([["custom_pages"]]))
            }
            guard outcome.failures.isEmpty else {
                work.isBroken = true
                outcome.skipped += work.changes.count { $0.subject != .account } - 1
                return
            }
        }
        for change in work.changes(of: .resource(ConfigKind.identityProviders.member), .create, .update) {
            await applyResource(change, .identityProviders, &work, &outcome)
        }
        for change in work.changes(of: .grant, .create) {
            await record(change, &outcome) { [names = work.names] () async throws(ClientError) in
                let idp = try Self.identifier(.identityProvider, change.key, names, change.title)
                _ = try await client.post(
                    APIPath("accounts", work.id, "access", "idp_federation_grants"), ["idp_id": .string(idp)])
            }
        }
    }

    /// Learns the connections that grants and the primary brought to this account meanwhile.
    func refreshConnections(_ work: inout AccountWork) async {
        let names = work.names
        let isNeeded = work.changes.contains { change in
            let kind = ConfigKind.all.first { $0.member == change.section }
            return kind?.references(of: change.document).contains { reference in
                reference.kind == .identityProvider && names.identifier(.identityProvider, of: reference.key) == nil
            } ?? false
        }
        guard isNeeded else { return }
        let kind = ResourceKind.identityProvider
        // A failure shows itself where a resource needs the name.
        let rows = (try? await client.all(kind.path(in: .account(work.id)), paging: kind.paging)) ?? []
        let own = rows.filter { $0["read_only"]?.boolValue != true }.map { ConfigKind.name(of: $0, kind) }
        for item in Client.connections(among: rows, avoiding: UniqueKeys.keys(of: own)) {
            work.names.add(.identityProvider, key: item.key, identifier: item.id)
        }
    }
}
