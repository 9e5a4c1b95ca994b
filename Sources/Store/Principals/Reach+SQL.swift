import Domain
import Primitives
import SQLite

/// A condition of a WHERE clause with the values of its placeholders.
struct Condition {
    var sql: SQL
    var bindings: [any Bindable]

    static let always = Condition(sql: "1", bindings: [])
    static let never = Condition(sql: "0", bindings: [])

    static func any(of conditions: [Condition]) -> Condition { joined(conditions, by: " OR ", whenEmpty: never) }

    static func all(of conditions: [Condition]) -> Condition { joined(conditions, by: " AND ", whenEmpty: always) }

    /// What lists of an account are narrowed to: an exact name, a part of the name in any case, both or neither.
    static func named(_ name: String?, matching search: String?, in account: AccountID) -> Condition {
        var conditions = [Condition(sql: "account_id = ?", bindings: [account])]
        if let name { conditions.append(Condition(sql: "name = ?", bindings: [name])) }
        if let search {
            conditions.append(
                Condition(sql: "name LIKE ? ESCAPE '\\'", bindings: [LikePattern.containing(search)]))
        }
        return all(of: conditions)
    }

    /// True where this one is false or unknown.
    var negated: Condition { Condition(sql: "NOT coalesce(\(sql), 0)", bindings: bindings) }

    private static func joined(_ conditions: [Condition], by separator: SQL, whenEmpty: Condition) -> Condition {
        guard !conditions.isEmpty else { return whenEmpty }
        return Condition(
            sql: "(\(conditions.map(\.sql).joined(separator: separator)))", bindings: conditions.flatMap(\.bindings))
    }
}

/// What a principal may see, decided by the database: a list of ten thousand accounts costs as many queries as one
/// of ten.
extension [Reach] {
    /// - Parameters: the columns that hold an account's id and its organization's.
    func accounts(id: SQL, organization: SQL) -> Condition {
        condition { scopes in
            if scopes.contains(.everyAccount) || scopes.contains(.everyOrganization) { return .always }
            let own = scopes.accounts
            var either: [Condition] = []
            if !own.isEmpty {
                either.append(Condition(sql: "\(id) IN (\(.placeholders(own.count)))", bindings: own))
            }
            if let below = scopes.below(organization) { either.append(below) }
            return .any(of: either)
        }
    }

    /// - Parameter id: the column that holds an organization's id.
    func organizations(id: SQL) -> Condition {
        condition { scopes in
            if scopes.contains(.everyOrganization) { return .always }
            return scopes.below(id) ?? .never
        }
    }

    private func condition(_ covering: (Set<RightsScope>) -> Condition) -> Condition {
        .any(
            of: map { reach in
                .all(
                    of: reach.layers.flatMap { layer in
                        layer.denied.isEmpty
                            ? [covering(layer.allowed)] : [covering(layer.allowed), covering(layer.denied).negated]
                    })
            })
    }
}

extension Set<RightsScope> {
    fileprivate var accounts: [AccountID] {
        compactMap { if case .account(let id) = $0 { id } else { nil } }.sorted()
    }

    fileprivate func below(_ column: SQL) -> Condition? {
        let roots: [OrganizationID] = compactMap { if case .organization(let id) = $0 { id } else { nil } }.sorted()
        guard !roots.isEmpty else { return nil }
        return Condition(
            sql: """
                \(column) IN (SELECT organization_id FROM organization_ancestors
                               WHERE ancestor_id IN (\(.placeholders(roots.count))))
                """,
            bindings: roots)
    }
}
