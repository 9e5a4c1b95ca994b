package import JSON

/// An organization as the server has it, read for a comparison.
package struct LiveOrganization: Sendable {
    package let id: String
    package let body: JSONValue
    package let primary: JSONValue?
    package var accounts: [LiveAccount]

    /// Keys of accounts, and of the IdPs that the primary may name.
    var names: NameTable {
        var table = NameTable()
        for account in accounts { table.add(.account, key: account.key, identifier: account.id) }
        return table
    }

    func account(_ key: String) -> LiveAccount? { accounts.first { $0.key == key } }
}

/// One account of it.
package struct LiveAccount: Sendable {
    package struct Item: Sendable {
        package let key: String
        package let id: String
        /// As the server gave it.
        package let resource: JSONValue
    }

    package let key: String
    package let id: String
    package let body: JSONValue
    package var zeroTrust: JSONValue?
    package var keys: JSONValue?
    package var grants: [JSONValue]
    package var sections: [String: [Item]]
    /// Connections to IdPs of other accounts: named by others, managed by nobody.
    package var connections: [Item]

    var names: NameTable {
        var table = NameTable()
        for kind in ConfigKind.all {
            guard let reference = kind.reference else { continue }
            for item in sections[kind.member] ?? [] { table.add(reference, key: item.key, identifier: item.id) }
        }
        for item in connections { table.add(.identityProvider, key: item.key, identifier: item.id) }
        return table
    }
}

extension Client {
    /// Reads an organization with everything that documents hold.
    ///
    /// - Parameters:
    ///   - width: accounts read at the same time.
    ///   - onAccount: called after each account, for progress.
    package func liveOrganization(
        _ id: String, width: Int = 8, onStart: (Int) -> Void = { _ in },
        onAccount: @escaping @Sendable () -> Void = {}
    ) async throws(ClientError) -> LiveOrganization {
        let body = try await get(APIPath("organizations", id)).result
        let rows = try await all(APIPath("organizations", id, "accounts"), paging: .pageToken)
        onStart(rows.count)
        let keys = UniqueKeys.keys(of: rows.map { $0["name"]?.stringValue ?? "" })
        let results = await inParallel(Array(zip(keys, rows)), width: width) {
            key, row -> Result<LiveAccount, ClientError> in
            defer { onAccount() }
            do throws(ClientError) {
                return .success(try await liveAccount(row, key: key))
            } catch {
                return .failure(error)
            }
        }
        var accounts: [LiveAccount] = []
        for result in results { accounts.append(try result.get()) }
        return LiveOrganization(id: id, body: body, primary: try await primary(of: id), accounts: accounts)
    }

    private func primary(of organization: String) async throws(ClientError) -> JSONValue? {
        do throws(ClientError) {
            return try await get(APIPath("organizations", organization, "primary_idp")).result
        } catch {
            if case .refused(let refusal) = error, refusal.status == 404 { return nil }
            throw error
        }
    }

    /// One account; `row` is how a list shows it.
    func liveAccount(_ row: JSONValue, key: String) async throws(ClientError) -> LiveAccount {
        let id = row["id"]?.stringValue ?? ""
        let place = Place.account(id)
        var account = LiveAccount(
            key: key, id: id, body: row, zeroTrust: nil, keys: nil, grants: [], sections: [:], connections: [])
        do throws(ClientError) {
            account.zeroTrust = try await get(place.path.appending("access", "organizations")).result
        } catch {
            // Without a Zero Trust organization there is nothing else to read.
            guard error.has(9999) else { throw error }
            return account
        }
        account.keys = try await get(place.path.appending("access", "keys")).result
        account.grants = try await all(ResourceKind.grant.path(in: place), paging: ResourceKind.grant.paging)
        for kind in ConfigKind.all {
            let rows = try await resources(of: kind, in: place)
            let own = rows.filter { $0["read_only"]?.boolValue != true }
            account.sections[kind.member] = Self.items(own, kind)
            guard kind.reference == .identityProvider else { continue }
            account.connections = Self.connections(
                among: rows, avoiding: (account.sections[kind.member] ?? []).map(\.key))
        }
        return account
    }

    /// The bridged identity providers of a list, named `bridge:` and the name of their source.
    static func connections(among rows: [JSONValue], avoiding taken: [String]) -> [LiveAccount.Item] {
        let bridged = rows.filter { $0["read_only"]?.boolValue == true }
        let keys = UniqueKeys.keys(
            of: bridged.map { "bridge:" + ConfigKind.name(of: $0, .identityProvider) }, avoiding: Set(taken))
        return zip(keys, bridged).map { key, row in
            LiveAccount.Item(key: key, id: row["id"]?.stringValue ?? "", resource: row)
        }
    }

    private func resources(of kind: ConfigKind, in place: Place) async throws(ClientError) -> [JSONValue] {
        let path = kind.resource.path(in: place)
        let rows = try await all(path, paging: kind.resource.paging)
        guard kind.needsDetail else { return rows }
        var detailed: [JSONValue] = []
        for row in rows {
            guard let id = row[kind.resource.idKey]?.stringValue else { continue }
            detailed.append(try await get(path.appending(id)).result)
        }
        return detailed
    }

    private static func items(_ rows: [JSONValue], _ kind: ConfigKind) -> [LiveAccount.Item] {
        let keys = UniqueKeys.keys(of: rows.map { ConfigKind.name(of: $0, kind.resource) })
        return zip(keys, rows).map { key, row in
            LiveAccount.Item(key: key, id: row[kind.resource.idKey]?.stringValue ?? "", resource: row)
        }
    }
}
