/// A member of an update: left alone, reset, or set. In a replacement the first two mean the same.
package enum Presence<Value> {
    case absent
    case null
    case value(Value)
}

extension Presence {
    @inlinable
    package var value: Value? { if case .value(let value) = self { value } else { nil } }

    @inlinable
    package var isAbsent: Bool { if case .absent = self { true } else { false } }

    @inlinable
    package func map<Other, Failure: Error>(
        _ transform: (Value) throws(Failure) -> Other
    ) throws(Failure) -> Presence<Other> {
        switch self {
        case .absent: .absent
        case .null: .null
        case .value(let value): .value(try transform(value))
        }
    }
}

extension Presence: Sendable where Value: Sendable {}
extension Presence: Equatable where Value: Equatable {}
extension Presence: Hashable where Value: Hashable {}
