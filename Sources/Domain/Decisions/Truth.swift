/// What is known of a condition: Kleene's strong three-valued logic.
///
/// A rule that cannot be evaluated is ``unknown``. Who asks decides what that comes to: the lists of a policy take it for
/// false where it would admit and for true where it would exclude (contract 20 §12). Because the three connectives carry
/// both bounds of what is possible, the same holds through any nesting of groups.
package enum Truth: Sendable, Equatable {
    case yes, no, unknown

    package init(_ isTrue: Bool) { self = isTrue ? .yes : .no }

    package static prefix func ! (value: Truth) -> Truth {
        switch value {
        case .yes: .no
        case .no: .yes
        case .unknown: .unknown
        }
    }

    /// True as soon as one is, false only when all are.
    package static func any<Elements: Sequence>(
        of elements: Elements, _ truth: (Elements.Element) -> Truth
    ) -> Truth {
        var result = Truth.no
        for element in elements {
            switch truth(element) {
            case .yes: return .yes
            case .unknown: result = .unknown
            case .no: break
            }
        }
        return result
    }

    /// False as soon as one is, true only when all are.
    package static func all<Elements: Sequence>(
        of elements: Elements, _ truth: (Elements.Element) -> Truth
    ) -> Truth {
        var result = Truth.yes
        for element in elements {
            switch truth(element) {
            case .no: return .no
            case .unknown: result = .unknown
            case .yes: break
            }
        }
        return result
    }
}
