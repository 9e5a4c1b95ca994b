package import Domain
package import Primitives
import SQLite

/// What an account's plan says of a feature, where it is not the plan `unlimited`.
package struct EntitlementOverride: Sendable, Equatable {
    package let feature: Entitlement.Feature
    package let value: Int
    package let editedAt: Timestamp

    package init(feature: Entitlement.Feature, value: Int, editedAt: Timestamp) {
        self.feature = feature
        self.value = value
        self.editedAt = editedAt
    }
}

extension Reading {
    /// Features that this program does not know are left out.
    package func entitlementOverrides(of account: AccountID) throws(Failure) -> [EntitlementOverride] {
        try values(
            "SELECT feature, value, edited_at FROM entitlement_overrides WHERE account_id = ?", account
        ) { (row) throws(SQLiteError) in
            let (value, editedAt) = (Int(try row.int64(1)), try row.timestamp(2))
            return Entitlement.Feature(rawValue: try row.text(0)).map {
                EntitlementOverride(feature: $0, value: value, editedAt: editedAt)
            }
        }.compactMap { $0 }
    }

    /// Whether an account's plan has a feature that is on or off.
    package func hasFeature(_ feature: Entitlement.Feature, in account: AccountID) throws(Failure) -> Bool {
        let value = try value(
            "SELECT value FROM entitlement_overrides WHERE account_id = ? AND feature = ?", account, feature.rawValue
        ) { (row) throws(SQLiteError) in try row.int64(0) }
        return value != 0
    }
}

extension WriteTransaction {
    package func set(_ override: EntitlementOverride, in account: AccountID) throws(Failure) {
        try execute(
            """
            INSERT INTO entitlement_overrides (account_id, feature, value, edited_at) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET value = excluded.value, edited_at = excluded.edited_at
            """, account, override.feature.rawValue, override.value, override.editedAt)
    }
}
