package import Domain
package import JSON
package import Primitives

/// Entitlements on the wire (contract 20 §21).
extension Entitlement {
    /// - Parameter since: when the account came under its plan.
    package func write(to writer: inout JSONWriter, since: Timestamp) {
        let ids = feature.ids
        writer.beginObject()
        writer.member("id", ids.entitlement)
        writer.key("feature")
        writer.beginObject()
        writer.member("id", ids.feature)
        writer.member("key", feature.rawValue)
        writer.member("name", feature.title)
        writer.member("feature_set", feature.featureSet)
        writer.endObject()
        writer.key("allocation")
        writer.beginObject()
        switch allocation {
        case .bool(let value):
            writer.member("type", "bool")
            writer.member("value", value)
        case .maxCount(let limit):
            writer.member("type", "max_count")
            writer.member("value", limit)
        case .range(let lower, let upper):
            writer.member("type", "range")
            writer.key("value")
            writer.beginObject()
            writer.member("min", lower)
            writer.member("max", upper)
            writer.endObject()
        }
        writer.endObject()
        writer.member("created_date", time: since)
        writer.member("edited_date", time: since)
        writer.member("deleted_date", time: nil as Timestamp?)
        writer.endObject()
    }
}
