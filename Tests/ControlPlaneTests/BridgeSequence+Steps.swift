import HTTP
import JSON
import TestKit

/// The requests that a history is made of.
extension BridgeSequence {
    func act() async throws {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<8: try await createAccount()
        case 8..<11: try await deleteAccount()
        case 11..<13: await addOrganization(fresh("part"), below: chance(80) ? pick(model.organizations) : nil)
        case 13..<14: try await deleteOrganization()
        case 14..<20: try await moveOrganization()
        case 20..<28: try await moveAccount()
        case 28..<31: try await moveBatch()
        case 31..<38: try await createIdP()
        case 38..<40: try await renameIdP()
        case 40..<42: try await deleteIdP()
        case 42..<48: try await createGrant()
        case 48..<50: try await deleteGrant()
        case 50..<57: try await createShare()
        case 57..<59: try await deleteShare()
        case 59..<63: try await addRecipient()
        case 63..<66: try await removeRecipient()
        case 66..<68: try await addResource()
        case 68..<69: try await removeResource()
        case 69..<77: try await designate()
        case 77..<81: try await changePrimary()
        case 81..<83: try await endPrimary()
        case 83..<86: try await bridge()
        case 86..<88: try await unbridge()
        case 88..<92: try await createApp()
        case 92..<95: try await createPolicy()
        case 95..<97: try await outAndBack()
        default: try await replay()
        }
    }

    // MARK: Tree

    func addOrganization(_ name: String, below parent: String?) async {
        guard model.organizations.count < 9 else { return }
        let id = await world.organization(name, below: parent)
        guard !id.isEmpty else { return }
        model.organizations.append(id)
        if let parent { model.parents[id] = parent }
    }

    func createAccount() async throws {
        let home = chance(90) ? pick(model.organizations) : nil
        let name = fresh("account")
        let place: JSONValue = home.map { ["unit": ["id": .string($0)]] } ?? ["standalone": true]
        let answer = try await send(.post, "/accounts", JSONValue.object(["name": .string(name)]).merged(with: place)) {
            model, answer in
            model.accounts.append(answer.id)
            if let home { model.homes[answer.id] = home }
        }
        guard chance(75), answer.isSuccess else { return }
        try await send(
            .post, "/accounts/\(answer.id)/access/organizations",
            ["name": .string(name), "auth_domain": .string("\(name).access.test")]
        ) { model, _ in model.accessAccounts.insert(answer.id) }
    }

    private func deleteAccount() async throws {
        guard let account = pick(model.accounts) else { return }
        let expected = model.hostsPrimary(account) ? 21105 : model.grants(of: account).isEmpty ? 0 : 21012
        try await send(.delete, "/accounts/\(account)", canPreview: true, expected: expected) { model, _ in
            model.remove(account: account)
        }
    }

    private func deleteOrganization() async throws {
        guard let id = pick(model.organizations) else { return }
        let isEmpty = !model.parents.values.contains(id) && model.accounts(below: id).isEmpty
        try await send(.delete, "/organizations/\(id)", expected: isEmpty ? 0 : 21002) { model, _ in
            model.remove(organization: id)
        }
    }

    private func moveOrganization() async throws {
        let sources = model.shares.values.filter { !$0.grants.isEmpty }.flatMap { model.chain(ofAccount: $0.account) }
            .sorted()
        guard let id = chance(50) ? pick(sources) : pick(model.organizations) else { return }
        let parent = chance(70) ? pick(model.organizations.filter { $0 != id }) : nil
        let above = parent.map { model.chain($0) } ?? []
        let abandons = model.primaries.contains { designating, primary in
            let hosts = model.chain(ofAccount: primary.account)
            return hosts.contains(id) && !model.chain(designating).contains(id) && !above.contains(designating)
        }
        let expected = above.contains(id) ? 21003 : model.parents[id] == parent ? 0 : abandons ? 21105 : 0
        try await send(
            .put, "/organizations/\(id)",
            ["name": "moved", "parent": parent.map { ["id": .string($0)] } ?? .null], expected: expected
        ) { model, _ in model.parents[id] = parent }
    }

    private func moveAccount() async throws {
        guard let account = pick(model.accounts) else { return }
        let destination = chance(75) ? pick(model.organizations) : nil
        try await move([account], to: destination, isBatch: false)
    }

    private func moveBatch() async throws {
        let accounts = Array(Set((0..<3).compactMap { _ in pick(model.accounts) })).sorted()
        guard !accounts.isEmpty else { return }
        try await move(accounts, to: chance(75) ? pick(model.organizations) : nil, isBatch: true)
    }

    private func move(_ accounts: [String], to destination: String?, isBatch: Bool) async throws {
        let moving = accounts.filter { model.homes[$0] != destination }
        let isRefused = moving.contains { model.wouldAbandonPrimary($0, to: destination) }
        var body: JSONValue = ["destination_organization_id": destination.map(JSONValue.string) ?? .null]
        if destination == nil { body = ["destination_organization_id": ""] }
        if isBatch { body = body.merged(with: ["account_ids": .array(accounts.map(JSONValue.string))]) }
        let path = isBatch ? "/accounts/move" : "/accounts/\(accounts[0])/move"
        try await send(.post, path, body, canPreview: true, expected: isRefused ? 21105 : 0) { model, _ in
            for account in moving { model.move(account: account, to: destination) }
        }
    }

    /// I14.
    private func outAndBack() async throws {
        let wanderers = model.accounts.filter {
            model.homes[$0] != nil && model.grants(of: $0).isEmpty && !model.hostsPrimary($0)
        }
        guard let account = pick(wanderers), let home = model.homes[account] else { return }
        let before = stored.connections.filter { $0.key.account == account }
        try await move([account], to: nil, isBatch: false)
        try await move([account], to: home, isBatch: false)
        let after = stored.connections.filter { $0.key.account == account }
        if Set(before.keys) != Set(after.keys) { fail("I14: \(before.keys) became \(after.keys)") }
        if !Set(before.values).isDisjoint(with: after.values) { fail("I14: an id came back") }
    }

    // MARK: Identity providers and grants

    func createIdP() async throws {
        guard let account = pick(model.accessAccounts.sorted()) else { return }
        let type = pick(["okta", "oidc", "azureAD", "saml", "onetimepin", "google"]) ?? "okta"
        let name = fresh("idp")
        let hasPIN = type == "onetimepin" && model.idps.values.contains { $0.account == account && $0.type == type }
        let expected = model.isEnforced(account) ? 21107 : hasPIN ? 12132 : 0
        try await send(
            .post, "/accounts/\(account)/access/identity_providers", World.idpBody(name, type: type), expected: expected
        ) { model, answer in model.idps[answer.id] = .init(account: account, type: type, name: name) }
    }

    private func renameIdP() async throws {
        guard let (id, idp) = pick(model.idps.sorted(by: { $0.key < $1.key })) else { return }
        let name = fresh("renamed")
        try await send(
            .put, "/accounts/\(idp.account)/access/identity_providers/\(id)", World.idpBody(name, type: idp.type),
            expected: 0
        ) { model, _ in model.idps[id]?.name = name }
        guard let grant = model.grant(ofIdP: id),
            let (pair, connection) = stored.connections.first(where: { $0.key.grant == grant }),
            model.accessAccounts.contains(pair.account)
        else { return }
        let shown = await world.get("/accounts/\(pair.account)/access/identity_providers/\(connection)")
        if shown.text("name") != name { fail("I12: a new name does not show in a connection") }
    }

    private func deleteIdP() async throws {
        guard let (id, idp) = pick(model.idps.sorted(by: { $0.key < $1.key })) else { return }
        let grant = model.grant(ofIdP: id)
        let isNamed =
            model.apps.values.contains { $0.idps.contains(id) } || model.policies.values.contains { $0.idp == id }
        let expected = grant.map { model.isPrimary(grant: $0) ? 21105 : 21104 } ?? (isNamed ? 12132 : 0)
        try await send(.delete, "/accounts/\(idp.account)/access/identity_providers/\(id)", expected: expected) {
            model, _ in
            model.idps[id] = nil
        }
    }

    func createGrant() async throws {
        let (id, account): (String, String)
        if chance(15), let (pair, connection) = pick(stored.connections.sorted(by: { $0.value < $1.value })) {
            (id, account) = (connection, pair.account)
        } else if let (own, idp) = pick(model.idps.sorted(by: { $0.key < $1.key })) {
            (id, account) = (own, idp.account)
        } else {
            return
        }
        guard model.accessAccounts.contains(account) else { return }
        let expected =
            if let idp = model.idps[id] {
                model.homes[account] == nil
                    ? 21100
                    : !idp.isFederable
                        ? 21101
                        : model.grant(ofIdP: id) != nil ? 21103 : model.grants(of: account).count >= 5 ? 21102 : 0
            } else { 21101 }
        try await send(
            .post, "/accounts/\(account)/access/idp_federation_grants", ["idp_id": .string(id)], expected: expected
        ) { model, answer in model.grants[answer.id] = .init(account: account, idp: id) }
    }

    private func deleteGrant() async throws {
        guard let (id, grant) = pick(model.grants.sorted(by: { $0.key < $1.key })) else { return }
        try await send(
            .delete, "/accounts/\(grant.account)/access/idp_federation_grants/\(id)", canPreview: true,
            expected: model.isPrimary(grant: id) ? 21105 : 0
        ) { model, _ in model.remove(grant: id) }
    }

    // MARK: Shares

    private func target() -> BridgeModel.Target? {
        chance(50) ? pick(model.accounts).map { .account($0) } : pick(model.organizations).map { .organization($0) }
    }

    private func json(_ target: BridgeModel.Target?) -> JSONValue {
        switch target {
        case .account(let id): ["recipient_account_id": .string(id)]
        case .organization(let id): ["organization_id": .string(id)]
        case nil: [:]
        }
    }

    private func resource(_ grant: String, _ account: String) -> JSONValue {
        [
            "resource_id": .string(grant), "resource_account_id": .string(account),
            "resource_type": "idp-federation-grant",
            "meta": [:],
        ]
    }

    func createShare() async throws {
        guard let (grant, held) = pick(model.grants.sorted(by: { $0.key < $1.key })) else { return }
        let targets = (0..<Int.random(in: 1...2, using: &random)).map { _ in chance(20) ? nil : target() }
        let home = model.homes[held.account]
        try await send(
            .post, "/accounts/\(held.account)/shares",
            [
                "name": .string(chance(20) ? "Primary identity provider" : fresh("share")),
                "resources": [resource(grant, held.account)], "recipients": .array(targets.map(json)),
            ]
        ) { model, answer in
            model.shares[answer.id] = .init(
                account: held.account, grants: [grant],
                targets: Set(targets.compactMap { $0 ?? home.map { .organization($0) } }))
        }
    }

    private func deleteShare() async throws {
        guard let (id, share) = pick(model.shares.sorted(by: { $0.key < $1.key })) else { return }
        let isPrimary = model.primaries.values.contains { $0.share == id }
        try await send(
            .delete, "/accounts/\(share.account)/shares/\(id)", canPreview: true, expected: isPrimary ? 21105 : 0
        ) { model, _ in model.shares[id] = nil }
    }

    private func addRecipient() async throws {
        guard let (id, share) = pick(model.shares.sorted(by: { $0.key < $1.key })) else { return }
        let named = chance(20) ? nil : target()
        let home = model.homes[share.account]
        let meant = named ?? home.map { .organization($0) }
        let root = model.root(share.account)
        let isInside =
            switch meant {
            case .account(let account): model.root(account) == root
            case .organization(let organization): model.chain(organization).last == root
            case nil: false
            }
        let expected =
            root == nil
            ? 21201
            : meant == .account(share.account) ? 21200 : !isInside ? 21201 : share.targets.contains(meant!) ? 21202 : 0
        try await send(.post, "/accounts/\(share.account)/shares/\(id)/recipients", json(named), expected: expected) {
            model, _ in
            if let meant { model.shares[id]?.targets.insert(meant) }
        }
    }

    private func removeRecipient() async throws {
        guard let (id, share) = pick(model.shares.sorted(by: { $0.key < $1.key })),
            let target = pick(share.targets.sorted(by: { "\($0)" < "\($1)" }))
        else { return }
        let (column, value) =
            switch target {
            case .account(let account): ("account_id", account)
            case .organization(let organization): ("organization_id", organization)
            }
        let rows = try await world.texts(
            "SELECT lower(hex(id)) FROM share_recipients WHERE share_id = x'\(id)' AND \(column) = x'\(value)'")
        guard let recipient = rows.first else {
            fail("the recipient \(target) of \(id) is gone")
            return
        }
        let isPrimary =
            if case .organization(let organization) = target { model.primaries[organization]?.share == id } else {
                false
            }
        try await send(
            .delete, "/accounts/\(share.account)/shares/\(id)/recipients/\(recipient)", canPreview: true,
            expected: isPrimary ? 21105 : 0
        ) { model, _ in model.shares[id]?.targets.remove(target) }
    }

    private func addResource() async throws {
        guard let (id, share) = pick(model.shares.sorted(by: { $0.key < $1.key })),
            let grant = pick(model.grants(of: share.account))
        else { return }
        let isShared = model.shares.values.contains { $0.grants.contains(grant) }
        try await send(
            .post, "/accounts/\(share.account)/shares/\(id)/resources", resource(grant, share.account),
            expected: isShared ? 21202 : 0
        ) { model, _ in model.shares[id]?.grants.insert(grant) }
    }

    private func removeResource() async throws {
        guard let (id, share) = pick(model.shares.sorted(by: { $0.key < $1.key })),
            let grant = pick(share.grants.sorted())
        else { return }
        let listed = await world.get("/accounts/\(share.account)/shares/\(id)/resources?status=active")
        let row = listed.items.first { $0["resource_id"]?.stringValue == grant }
        guard let resource = row?["id"]?.stringValue else {
            fail("grant \(grant) is not a resource of \(id)")
            return
        }
        let isHeld = model.primaries.values.contains { $0.grant == grant && $0.share == id }
        try await send(
            .delete, "/accounts/\(share.account)/shares/\(id)/resources/\(resource)", expected: isHeld ? 21105 : 0
        ) { model, _ in model.shares[id]?.grants.remove(grant) }
    }
}
