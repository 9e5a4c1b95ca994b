import JSON
import Primitives

extension ConfigApply {
    /// Everything but identity providers, in the order of references; then what only now can be named.
    func applyResources(_ work: inout AccountWork, _ outcome: inout Outcome) async {
        // A removed application gives its domain free for the one that replaces it.
        for change in work.changes(of: .resource(ConfigKind.apps.member), .delete) {
            await applyDeletion(change, .apps, work, &outcome)
        }
        let rest = work.changes.filter { change in
            change.action != .delete && !change.section.isEmpty && change.section != ConfigKind.identityProviders.member
        }
        var incomplete: [(ConfigChange, ConfigKind)] = []
        for step in ChangeOrder.steps(rest) {
            guard let kind = ConfigKind.all.first(where: { $0.member == step.change.section }) else { continue }
            if step.isPreliminary { incomplete.append((step.change, kind)) }
            await applyResource(step.isPreliminary ? step.change.preliminary : step.change, kind, &work, &outcome)
        }
        for (change, kind) in incomplete { await complete(change, kind, work, &outcome) }
        await applyZeroTrust(work, &outcome)
        for change in work.changes(of: .keys, .create, .update) {
            await record(change, &outcome) { () async throws(ClientError) in
                _ = try await client.put(APIPath("accounts", work.id, "access", "keys"), change.document)
            }
        }
    }

    private func applyZeroTrust(_ work: AccountWork, _ outcome: inout Outcome) async {
        let path = APIPath("accounts", work.id, "access", "organizations")
        for change in work.changes(of: .zeroTrust, .create, .update) {
            if change.action == .create {
                guard let pages = change.document["custom_pages"], !pages.isBlank else { continue }
                // Counted when it was created; only a failure is news.
                var part = Outcome()
                await record(change, &part) { () async throws(ClientError) in
                    let named = try zeroTrustBody(["custom_pages": pages], work.names)
                    _ = try await client.patch(path, named)
                }
                outcome.failures += part.failures
                continue
            }
            await record(change, &outcome) { () async throws(ClientError) in
                _ = try await client.patch(path, try zeroTrustBody(change.document, work.names))
            }
        }
    }

    private func zeroTrustBody(_ document: JSONValue, _ names: NameTable) throws(ClientError) -> JSONValue {
        try ConfigKind.replace(ConfigKind.zeroTrustReferences, in: document) { kind, key throws(ClientError) in
            try Self.identifier(kind, key, names, "the Zero Trust organization")
        }
    }

    /// Creates or replaces one resource.
    func applyResource(
        _ change: ConfigChange, _ kind: ConfigKind, _ work: inout AccountWork, _ outcome: inout Outcome
    ) async {
        let path = kind.resource.path(in: .account(work.id))
        let item = work.item(change)
        let names = work.names
        var answer: JSONValue?
        await record(change, &outcome) { () async throws(ClientError) in
            if let item {
                answer = try await client.put(
                    path.appending(item.id), try replacement(of: item, by: change.document, kind, names)
                ).result
            } else {
                let body = try kind.body(of: change.document, names: names, needsSecrets: true, secret: secret)
                answer = try await client.post(path, body).result
            }
        }
        guard let answer else { return }
        if let reference = kind.reference, let id = answer[kind.resource.idKey]?.stringValue {
            work.names.add(reference, key: change.key, identifier: id)
        }
        if let issued = Self.issued(answer, change) { outcome.issued.append(issued) }
    }

    /// Gives a resource of a circle the references that could not be named when it was created.
    private func complete(
        _ change: ConfigChange, _ kind: ConfigKind, _ work: AccountWork, _ outcome: inout Outcome
    ) async {
        guard let reference = kind.reference, let id = work.names.identifier(reference, of: change.key) else { return }
        var part = Outcome()
        await record(change, &part) { () async throws(ClientError) in
            let body = try kind.body(of: change.document, names: work.names, needsSecrets: false, secret: secret)
            _ = try await client.put(kind.resource.path(in: .account(work.id)).appending(id), body)
        }
        // Counted when it was created; only a failure is news.
        outcome.failures += part.failures
    }

    /// What is there with what the document says on top of it: a PUT that leaves a member out would reset it.
    private func replacement(
        of item: LiveAccount.Item, by wanted: JSONValue, _ kind: ConfigKind, _ names: NameTable
    ) throws(ClientError) -> JSONValue {
        var present = try kind.document(of: item.resource, names: names)
        if kind.member == ConfigKind.apps.member { present = EditableForm.withoutSuperseded(present, by: wanted) }
        var body = try kind.body(
            of: present.merged(with: wanted), names: names, needsSecrets: false, secret: secret)
        if kind.member == ConfigKind.serviceTokens.member, let version = item.resource["client_secret_version"] {
            // Its default would be taken for an older version.
            body = body.setting(["client_secret_version"], to: version)
        }
        return body
    }

    private static func issued(_ answer: JSONValue, _ change: ConfigChange) -> Issued? {
        let place = answer["client_secret"] != nil ? answer : answer["saas_app"] ?? .null
        guard change.section != ConfigKind.identityProviders.member,
            let secret = place["client_secret"]?.stringValue, !secret.isEmpty
        else { return nil }
        return Issued(
            account: change.account, name: change.key, clientID: place["client_id"]?.stringValue ?? "",
            secret: Secret(secret))
    }

    private func applyDeletion(
        _ change: ConfigChange, _ kind: ConfigKind, _ work: AccountWork, _ outcome: inout Outcome
    ) async {
        await record(change, &outcome) { () async throws(ClientError) in
            _ = try await client.delete(
                kind.resource.path(in: .account(work.id)).appending(change.identifier ?? ""))
        }
    }

    /// Deletes what the document leaves out: users of a resource before the resource.
    func prune(_ work: inout AccountWork, _ outcome: inout Outcome) async {
        for kind in ConfigKind.all.reversed() where kind.member != ConfigKind.apps.member {
            if kind.member == ConfigKind.identityProviders.member {
                for change in work.changes(of: .grant, .delete) {
                    await record(change, &outcome) { () async throws(ClientError) in
                        _ = try await client.delete(
                            ResourceKind.grant.path(in: .account(work.id)).appending(change.identifier ?? ""))
                    }
                }
            }
            for change in deletions(work, kind) { await applyDeletion(change, kind, work, &outcome) }
        }
    }

    /// Groups may contain groups, so those that name others go first.
    private func deletions(_ work: AccountWork, _ kind: ConfigKind) -> [ConfigChange] {
        let changes = work.changes(of: .resource(kind.member), .delete)
        guard kind.member == ConfigKind.groups.member else { return changes }
        let documents = changes.map { change in
            let document = work.item(change).flatMap { try? kind.document(of: $0.resource, names: work.names) }
            return ConfigChange(
                .delete, change.subject, account: change.account, key: change.key, document: document ?? .null,
                identifier: change.identifier)
        }
        return ChangeOrder.steps(documents).map(\.change).reversed()
    }
}
