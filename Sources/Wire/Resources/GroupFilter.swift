import Domain

/// The regular expressions that a group filter may use: those that can be matched in linear time. No back-references, no
/// look-around, no named groups, no possessive or lazy quantifiers, bounded repetition up to 100.
package enum GroupFilter {
    package static func isValid(_ text: String) -> Bool { LinearPattern(text) != nil }
}
