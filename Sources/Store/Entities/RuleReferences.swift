import Domain
package import Primitives
import SQLite

extension Reading {
    /// Whether some policy or group names this thing in its rules.
    package func isNamedInRules<Entity>(_ target: Identifier<Entity>) throws(Failure) -> Bool {
        try exists("SELECT 1 FROM rule_references WHERE target_id = ? LIMIT 1", target)
    }
}
