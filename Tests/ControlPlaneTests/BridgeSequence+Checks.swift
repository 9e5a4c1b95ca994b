import JSON
import TestKit

/// The invariants of contract 30 §10, after every request.
extension BridgeSequence {
    func compare(with before: StoredBridge) {
        let entitled = model.entitled
        let found = Set(stored.connections.keys)
        for pair in entitled.subtracting(found) { fail("I1: \(pair) is entitled and has no connection") }
        for pair in found.subtracting(entitled) { fail("I1: \(pair) has a connection and is not entitled") }
        if stored.duplicates > 0 { fail("I1: a pair has two connections") }
        if stored.grants != model.grants { fail("grants are \(stored.grants), the model has \(model.grants)") }
        if stored.bridgeApplications != Set(model.grants.keys) { fail("I3: bridge applications are not the grants") }
        for account in model.accounts where model.grants(of: account).count > 5 { fail("I3: six grants in \(account)") }
        if Set(model.grants.values.map(\.idp)).count != model.grants.count { fail("I3: an IdP has two grants") }
        for (id, grant) in stored.grants {
            guard let idp = model.idps[grant.idp], model.homes[grant.account] != nil else {
                fail("I5: grant \(id) without its IdP, account or organization")
                continue
            }
            if !idp.isFederable { fail("I4: grant \(id) names \(idp.type)") }
        }
        var associated: Set<String> = []
        for (id, share) in model.shares {
            for account in model.reached(by: id, share) { associated.insert("\(id) \(account)") }
        }
        if associated != stored.associations {
            fail(
                "associations: missing \(associated.subtracting(stored.associations)), too many \(stored.associations.subtracting(associated))"
            )
        }
        compareConnections(with: before)
        compareSessions(with: before)
        compareApplications(with: before)
        comparePrimaries(entitled)
    }

    private func compareConnections(with before: StoredBridge) {
        for (pair, id) in stored.connections {
            if let old = before.connections[pair], old != id, !mayRenew {
                fail("\(pair) changed its id without a reason")
            }
            if deadConnections.contains(id) { fail("I9: an ended id lives again") }
        }
        let alive = Set(stored.connections.values)
        deadConnections.formUnion(before.connections.values.filter { !alive.contains($0) })
    }

    /// No single request ends a connection and makes another for the same pair.
    private var mayRenew: Bool { false }

    /// I10.
    private func compareApplications(with before: StoredBridge) {
        let ended = Set(before.connections.values).subtracting(stored.connections.values)
        for (id, app) in model.apps {
            guard let list = stored.apps[id] else {
                fail("application \(id) is gone")
                continue
            }
            if !model.isLegitimate(list, after: app.idps, ended: ended) {
                fail("I10: application \(id) had \(app.idps) and has \(list)")
            }
            model.apps[id]?.idps = list
        }
        if Set(stored.apps.keys) != Set(model.apps.keys) { fail("applications differ") }
    }

    private func comparePrimaries(_ entitled: Set<BridgeModel.Pair>) {
        if stored.primaries != model.primaries.mapValues(\.mode) { fail("designations differ") }
        for (organization, primary) in model.primaries where stored.exempt[organization] ?? [] != primary.exempt {
            fail("exemptions of \(organization) are \(stored.exempt[organization] ?? []), not \(primary.exempt)")
        }
        for account in model.accounts where model.status(account, entitled) == "missing" {
            fail("I13: \(account) is governed, not exempt and not bridged")
        }
    }

    // MARK: Previews

    /// The request did what its preview said (contract 30 §11).
    func check(_ preview: World.Answer, against before: BridgeModel, _ was: StoredBridge) {
        guard preview.status == 200, preview.result["preview"]?.boolValue == true else {
            fail("the request went through, its preview answered \(preview.status) \(preview.codes)")
            return
        }
        let created = Set(stored.connections.keys).subtracting(was.connections.keys).count
        if preview.result["connections_created"]?.integerValue != Int64(created) {
            fail("preview: \(preview.result["connections_created"] ?? .null) connections, made \(created)")
        }
        let ended = Set(was.connections.values).subtracting(stored.connections.values)
        let told = set(preview, "connections_removed", "connection_id")
        checkSessions(preview, was, ended: ended)
        if told != ended { fail("preview: ends \(told), ended \(ended)") }
        let accounts = Set(was.connections.filter { ended.contains($0.value) }.keys.map(\.account))
        var stranded: Set<String> = []
        for (id, app) in before.apps where accounts.contains(app.account) {
            if isStranded(app, before, was, ended) { stranded.insert(id) }
        }
        let toldApps = set(preview, "apps_without_login", "app_id")
        if toldApps != stranded { fail("preview: \(toldApps) without login, really \(stranded)") }
        if preview.result["apps_without_login"]?.arrayValue?.count != toldApps.count { fail("preview: an app twice") }
        let dangling = Set(before.policies.filter { ended.contains($0.value.idp) }.keys)
        let toldRules = set(preview, "dangling_rules", "policy_id")
        if toldRules != dangling { fail("preview: dangling \(toldRules), really \(dangling)") }
    }

    private func set(_ answer: World.Answer, _ list: String, _ member: String) -> Set<String> {
        Set(answer.result[list]?.arrayValue?.compactMap { $0[member]?.stringValue } ?? [])
    }

    /// Somebody could sign in to the application before, and nobody can now.
    private func isStranded(
        _ app: BridgeModel.App, _ before: BridgeModel, _ was: StoredBridge, _ ended: Set<String>
    ) -> Bool {
        var logins = Set(before.idps.filter { $0.value.account == app.account && $0.value.canLogIn }.keys)
        for (pair, id) in was.connections where pair.account == app.account {
            if let grant = before.grants[pair.grant], before.idps[grant.idp]?.canLogIn == true { logins.insert(id) }
        }
        let used = app.idps.isEmpty ? logins : logins.intersection(app.idps)
        return !used.isEmpty && used.subtracting(ended).isEmpty
    }

    // MARK: What the API shows

    func checkAnswers() async {
        for account in model.accounts where model.accessAccounts.contains(account) { await checkIdPs(of: account) }
        for organization in model.organizations { await checkCoverage(of: organization) }
    }

    /// I2, I3 and I12.
    private func checkIdPs(of account: String) async {
        let list = await world.get("/accounts/\(account)/access/identity_providers")
        if list.text.contains(World.secretCanary) { fail("I12: a secret of \(account) shows") }
        var shown: [String: String] = [:]
        for item in list.items {
            let name = "\(item["type"]?.stringValue ?? "") \(item["name"]?.stringValue ?? "")"
            let isReadOnly = item["read_only"]?.boolValue == true
            shown[item["id"]?.stringValue ?? ""] = "\(isReadOnly) \(name)"
            if isReadOnly, item["config"]?.objectValue?.keys.filter({ $0 != "redirect_url" }).isEmpty != true {
                fail("I12: a connection shows more than its redirect URL")
            }
        }
        var wanted: [String: String] = [:]
        for (id, idp) in model.idps where idp.account == account { wanted[id] = "false \(idp.type) \(idp.name)" }
        for (pair, id) in stored.connections where pair.account == account {
            guard let grant = model.grants[pair.grant], let idp = model.idps[grant.idp] else { continue }
            wanted[id] = "true \(idp.type) \(idp.name)"
        }
        if shown != wanted { fail("I2: \(account) shows \(shown), should \(wanted)") }
        let apps = Set(await world.get("/accounts/\(account)/access/apps").texts("id"))
        if apps != Set(model.apps.filter { $0.value.account == account }.keys) { fail("I3: the list of apps is wrong") }
    }

    /// I13.
    private func checkCoverage(of organization: String) async {
        let answer = await world.get("/organizations/\(organization)/idp_coverage?page_size=100")
        let entitled = model.entitled
        let statuses = model.accounts(below: organization).compactMap { model.status($0, entitled) }
        guard answer.status == 200 else {
            if !statuses.isEmpty { fail("coverage of \(organization) answers \(answer.status)") }
            return
        }
        let summary = answer.result["summary"]
        func number(_ name: String) -> Int { Int(summary?[name]?.integerValue ?? -1) }
        for status in ["bridged", "source", "exempt", "missing"]
        where number(status) != statuses.count(where: { $0 == status }) {
            fail("I13: \(status) is \(number(status)) of \(statuses)")
        }
        if number("accounts") != statuses.count { fail("I13: \(number("accounts")) accounts of \(statuses.count)") }
        let kinds = answer.result["accounts"]?.arrayValue?.flatMap { $0["drift"]?.arrayValue ?? [] } ?? []
        if kinds.contains(where: { $0["kind"]?.stringValue == "not_bridged" }) {
            fail("not_bridged came up through the API")
        }
    }
}
