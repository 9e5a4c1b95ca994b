import HTTP
import JSON
import TestKit

/// Designations, the one-click bridge, and what depends on them.
extension BridgeSequence {
    func designate() async throws {
        guard let (id, idp) = pick(model.idps.sorted(by: { $0.key < $1.key })),
            let organization = pick(chance(85) ? model.chain(ofAccount: idp.account) : model.organizations)
        else { return }
        let mode = chance(35) ? "enforce" : "report"
        let exempt = chance(30) ? [pick(model.accounts(below: organization))].compactMap(\.self) : []
        let keeps = chance(30)
        let isInside = model.chain(ofAccount: idp.account).contains(organization)
        let canCarry = idp.isFederable && idp.canLogIn
        let isFull = model.grant(ofIdP: id) == nil && model.grants(of: idp.account).count >= 5
        let expected = !isInside ? 21011 : !canCarry ? 21101 : isFull ? 21102 : 0
        let body: JSONValue = [
            "account_id": .string(idp.account), "idp_id": .string(id), "mode": .string(mode),
            "keep_previous": .bool(keeps),
            "exempt_account_ids": .array(exempt.map(JSONValue.string)),
        ]
        let path = "/organizations/\(organization)/primary_idp?force=true"
        let answer = try await send(.post, path, body, canPreview: true, expected: expected) { model, answer in
            let (grant, share) = (answer.text("grant_id"), answer.text("share_id"))
            model.grants[grant] = .init(account: idp.account, idp: id)
            if model.shares[share] == nil {
                model.shares[share] = .init(account: idp.account, grants: [], targets: [])
            }
            model.shares[share]?.grants.insert(grant)
            model.shares[share]?.targets.insert(.organization(organization))
            if let previous = model.primaries[organization], !keeps {
                if previous.share != share {
                    model.shares[previous.share]?.targets.remove(.organization(organization))
                } else if previous.grant != grant {
                    try await split(previous.grant, from: share, leaving: organization, &model)
                }
            }
            model.primaries[organization] = .init(
                account: idp.account, idp: id, grant: grant, share: share, mode: mode, exempt: Set(exempt))
        }
        // I8: once more changes nothing.
        guard answer.isSuccess, chance(50) else { return }
        let before = try await world.fingerprint()
        let again = await world.post(path, body)
        if again.status != 200 || again.result != answer.result { fail("I8: designating again answers otherwise") }
        if try await world.fingerprint() != before { fail("I8: designating again changes something") }
    }

    /// The old grant leaves the share that it has in common with the new one, and keeps its other recipients.
    private func split(
        _ grant: String, from share: String, leaving organization: String, _ model: inout BridgeModel
    ) async throws {
        model.shares[share]?.grants.remove(grant)
        guard let old = model.shares[share] else { return }
        let others = old.targets.subtracting([.organization(organization)])
        let rows = try await world.texts(
            "SELECT lower(hex(share_id)) FROM share_resources WHERE resource_id = x'\(grant.filter { $0 != "-" })' AND status = 'active'"
        )
        guard let own = rows.first, !others.isEmpty else {
            if rows.isEmpty != others.isEmpty { fail("grant \(grant) is in \(rows) for \(others)") }
            return
        }
        model.shares[own] = .init(account: old.account, grants: [grant], targets: others)
        for (other, primary) in model.primaries where other != organization && primary.grant == grant {
            model.primaries[other]?.share = own
        }
    }

    func changePrimary() async throws {
        guard let (organization, primary) = pick(model.primaries.sorted(by: { $0.key < $1.key })) else { return }
        var body: JSONValue = [:]
        let mode = chance(50) ? (primary.mode == "enforce" ? "report" : "enforce") : nil
        if let mode { body = body.merged(with: ["mode": .string(mode)]) }
        let exempt =
            chance(60)
            ? Array(Set((0..<2).compactMap { _ in pick(model.accounts(below: organization)) })).sorted() : nil
        if let exempt { body = body.merged(with: ["exempt_account_ids": .array(exempt.map(JSONValue.string))]) }
        try await send(
            .patch, "/organizations/\(organization)/primary_idp?force=true", body, canPreview: true, expected: 0
        ) { model, answer in
            if let mode { model.primaries[organization]?.mode = mode }
            if let exempt { model.primaries[organization]?.exempt = Set(exempt) }
        }
        let shown = await world.get("/organizations/\(organization)/primary_idp").result["exempt_account_ids"]
        let inside = (model.primaries[organization]?.exempt ?? []).intersection(model.accounts(below: organization))
        if Set(shown?.arrayValue?.compactMap(\.stringValue) ?? []) != inside {
            fail("the exemptions shown are not those inside")
        }
    }

    func endPrimary() async throws {
        guard let (organization, primary) = pick(model.primaries.sorted(by: { $0.key < $1.key })) else { return }
        let deletesGrant = chance(30)
        let isShared = model.primaries.contains { $0.key != organization && $0.value.grant == primary.grant }
        try await send(
            .delete, "/organizations/\(organization)/primary_idp\(deletesGrant ? "?delete_grant=true" : "")",
            canPreview: true, expected: deletesGrant && isShared ? 21105 : 0
        ) { model, _ in
            model.end(primaryOf: organization)
            if deletesGrant { model.remove(grant: primary.grant) }
        }
    }

    func bridge() async throws {
        guard let account = pick(model.accounts) else { return }
        let path = "/accounts/\(account)/access/idp_bridge"
        let expected = model.homes[account] == nil ? 21100 : model.governing(account) == nil ? 21106 : 0
        let wasBridged = model.governing(account).map { _, primary in
            primary.account == account || model.entitled.contains(.init(grant: primary.grant, account: account))
        }
        let answer = try await send(.post, path, [:], expected: expected) { model, _ in
            model.accessAccounts.insert(account)
            guard let (_, primary) = model.governing(account), wasBridged == false else { return }
            model.shares[primary.share]?.targets.insert(.account(account))
        }
        guard answer.isSuccess else { return }
        if answer.status != (wasBridged == true ? 200 : 201) {
            fail("the bridge of \(account) answers \(answer.status)")
        }
        let before = try await world.fingerprint()
        let again = await world.post(path)
        if again.status != 200 || again.text("connection_id") != answer.text("connection_id") {
            fail("I8: bridging again")
        }
        if try await world.fingerprint() != before { fail("I8: bridging again changes something") }
    }

    func unbridge() async throws {
        guard let account = pick(model.accounts) else { return }
        let governing = model.governing(account)
        var after = model
        if let (organization, primary) = governing {
            after.shares[primary.share]?.targets.remove(.account(account))
            after.primaries[organization]?.exempt.insert(account)
        }
        let pair = governing.map { BridgeModel.Pair(grant: $0.primary.grant, account: account) }
        let expected: Int =
            if model.homes[account] == nil { 21100 } else if let governing, let pair {
                governing.primary.account == account
                    ? 21105
                    : model.isEnforced(account)
                        ? 21107 : !model.entitled.contains(pair) ? 12135 : after.entitled.contains(pair) ? 12132 : 0
            } else { 21106 }
        try await send(.delete, "/accounts/\(account)/access/idp_bridge", canPreview: true, expected: expected) {
            model, _ in
            model = after
        }
    }

    // MARK: What names connections

    private func names(in account: String) -> [String] {
        model.idps.filter { $0.value.account == account }.keys.sorted()
            + stored.connections.filter { $0.key.account == account }.values.sorted()
    }

    /// The identity providers that an enforced account may still name; `nil` where it may name all of its own.
    private func allowed(in account: String) -> Set<String>? {
        guard model.isEnforced(account), let (_, primary) = model.governing(account) else { return nil }
        return [primary.idp, stored.connections[.init(grant: primary.grant, account: account)] ?? ""]
    }

    func createApp() async throws {
        guard let account = pick(model.accessAccounts.sorted()) else { return }
        let idps = Array(Set((0..<Int.random(in: 0...2, using: &random)).compactMap { _ in pick(names(in: account)) }))
            .sorted()
        let isRefused = allowed(in: account).map { !$0.isSuperset(of: idps) } ?? false
        try await send(
            .post, "/accounts/\(account)/access/apps",
            [
                "type": "self_hosted", "domain": .string("\(fresh("app")).example.com"),
                "allowed_idps": .array(idps.map(JSONValue.string)),
            ], expected: isRefused ? 21107 : 0
        ) { model, answer in model.apps[answer.id] = .init(account: account, idps: idps) }
    }

    func createPolicy() async throws {
        guard let account = pick(model.accessAccounts.sorted()), let idp = pick(names(in: account)) else { return }
        let isRefused = allowed(in: account).map { !$0.contains(idp) } ?? false
        try await send(
            .post, "/accounts/\(account)/access/policies",
            [
                "name": .string(fresh("policy")), "decision": "allow",
                "include": [["login_method": ["id": .string(idp)]]],
            ], expected: isRefused ? 21107 : 0
        ) { model, answer in model.policies[answer.id] = .init(account: account, idp: idp) }
    }
}
