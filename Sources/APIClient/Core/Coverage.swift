package import JSON

/// How the accounts of an organization use its primary identity provider (contract 30 §8).
package struct Coverage: Sendable {
    package struct Account: Sendable {
        package let id: String
        package let name: String
        package let status: String
        package let lastLogin: String?
        package let drift: [Drift]
    }

    /// A setting that lets people in past the primary.
    package struct Drift: Sendable, Equatable {
        package let kind: String
        /// What it is about, as people call it.
        package let subject: String
        package let fix: Fix?
    }

    /// A request that puts it right.
    package struct Fix: Sendable, Equatable {
        package let method: String
        package let path: String
        package let body: JSONValue?

        package init?(_ value: JSONValue?) {
            guard let method = value?["method"]?.stringValue, let path = value?["path"]?.stringValue,
                ["POST", "PUT", "PATCH", "DELETE"].contains(method), path.hasPrefix("/client/v4/")
            else { return nil }
            self.method = method
            self.path = path
            body = value?["body"].flatMap { $0.isNull ? nil : $0 }
        }
    }

    package let summary: JSONValue
    package let accounts: [Account]

    package init(summary: JSONValue, accounts: [JSONValue]) {
        self.summary = summary
        self.accounts = accounts.map(Account.init)
    }
}

extension Coverage.Account {
    init(_ value: JSONValue) {
        id = value["account_id"]?.stringValue ?? ""
        name = value["name"]?.stringValue ?? ""
        status = value["status"]?.stringValue ?? ""
        lastLogin = value["last_bridge_login"]?.stringValue
        drift = (value["drift"]?.arrayValue ?? []).map { item in
            let idps = (item["idp_ids"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: ", ")
            let subject =
                item["name"]?.stringValue ?? item["app_id"]?.stringValue ?? item["policy_id"]?.stringValue
                ?? item["idp_id"]?.stringValue ?? idps
            return Coverage.Drift(
                kind: item["kind"]?.stringValue ?? "", subject: subject, fix: Coverage.Fix(item["fix"]))
        }
    }
}

extension Client {
    /// - Parameter query: `status` and `drift` filters.
    package func coverage(
        of organization: String, _ query: APIQuery = APIQuery()
    ) async throws(ClientError) -> Coverage {
        var summary = JSONValue.null
        var accounts: [JSONValue] = []
        try await pages(APIPath("organizations", organization, "idp_coverage"), query, paging: .pageToken) { answer in
            summary = answer.result["summary"] ?? summary
            accounts += answer.result["accounts"]?.arrayValue ?? []
            return true
        }
        return Coverage(summary: summary, accounts: accounts)
    }

    /// What a fix would change of what is there now; empty for one that deletes or creates.
    package func changes(by fix: Coverage.Fix) async throws(ClientError) -> [FieldDifference] {
        guard fix.method == "PUT" || fix.method == "PATCH", let wanted = fix.body else { return [] }
        let present = try await get(APIPath(written: String(fix.path.prefix { $0 != "?" }))).result
        return Comparison.differences(wanted: wanted, live: present)
    }

    /// Carries out a fix as the server wrote it.
    package func perform(_ fix: Coverage.Fix) async throws(ClientError) -> Answer {
        let parts = fix.path.split(separator: "?", maxSplits: 1).map(String.init)
        let query = parts.count > 1 ? APIQuery(written: parts[1]) : APIQuery()
        let path = APIPath(written: parts[0])
        if fix.method == "POST" { return try await post(path, fix.body ?? [:], query: query) }
        return try await send(fix.method, path, query, fix.body)
    }
}
