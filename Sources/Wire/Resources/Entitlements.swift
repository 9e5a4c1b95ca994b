package import Domain
package import JSON
package import Primitives

/// Entitlements on the wire (contract 20 §21).
extension Entitlement {
    /// The public API has no word for "no limit", and its clients expect a number.
    private static let noLimit = Int(Int32.max)

    /// - Parameters:
    ///   - since: when the account came under its plan.
    ///   - edited: when the account began to differ from it.
    package func write(to writer: inout JSONWriter, since: Timestamp, edited: Timestamp? = nil) {
        writer.beginObject()
        writer.member("id", feature.rawValue)
        writer.key("feature")
        writer.beginObject()
        writer.member("id", feature.number)
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
            writer.member("value", limit ?? Self.noLimit)
        case .range(let lower, let upper):
            writer.member("type", "range")
            writer.key("value")
            writer.beginObject()
            writer.member("min", lower)
            writer.member("max", upper ?? Self.noLimit)
            writer.endObject()
        }
        writer.endObject()
        writer.member("created_date", time: since)
        writer.member("edited_date", time: edited ?? since)
        writer.member("deleted_date", "")
        writer.endObject()
    }
}
