/// The regular expressions that a group filter may use: those that can be matched in linear time. No back-references, no
/// look-around, no named groups, no possessive or lazy quantifiers, bounded repetition up to 100.
package struct GroupFilter {
    package static let maxBytes = 512
    private static let maxDepth = 16

    private var rest: ArraySlice<UInt8>

    package static func isValid(_ text: String) -> Bool {
        guard text.utf8.count <= maxBytes else { return false }
        var parser = GroupFilter(rest: Array(text.utf8)[...])
        return parser.alternation(depth: 0) && parser.rest.isEmpty
    }

    private mutating func alternation(depth: Int) -> Bool {
        guard depth <= Self.maxDepth else { return false }
        repeat {
            while let byte = rest.first, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
                guard term(depth: depth) else { return false }
            }
        } while skip("|")
        return true
    }

    private mutating func term(depth: Int) -> Bool {
        guard let byte = rest.popFirst() else { return false }
        switch byte {
        case UInt8(ascii: "("):
            if skip("?"), !skip(":") { return false }
            guard alternation(depth: depth + 1), skip(")") else { return false }
        case UInt8(ascii: "["): guard characterClass() else { return false }
        case UInt8(ascii: "\\"): guard escape() else { return false }
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "{"), UInt8(ascii: "}"),
            UInt8(ascii: "]"):
            return false
        case UInt8(ascii: "^"), UInt8(ascii: "$"): return true
        default: break
        }
        return quantifier()
    }

    private mutating func quantifier() -> Bool {
        if skip("*") || skip("+") || skip("?") { return true }
        guard skip("{") else { return true }
        guard let least = number() else { return false }
        var most = least
        if skip(",") { most = rest.first == UInt8(ascii: "}") ? least : number() ?? -1 }
        return skip("}") && least <= most && most <= 100
    }

    private mutating func characterClass() -> Bool {
        _ = skip("^")
        var isEmpty = true
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "]"), !isEmpty { return true }
            if byte == UInt8(ascii: "\\"), !escape() { return false }
            isEmpty = false
        }
        return false
    }

    /// A class (`\d`), a border, or punctuation taken literally. Digits would be back-references.
    private mutating func escape() -> Bool {
        guard let byte = rest.popFirst() else { return false }
        switch byte {
        case UInt8(ascii: "d"), UInt8(ascii: "D"), UInt8(ascii: "w"), UInt8(ascii: "W"), UInt8(ascii: "s"),
            UInt8(ascii: "S"), UInt8(ascii: "b"), UInt8(ascii: "B"), UInt8(ascii: "t"), UInt8(ascii: "n"),
            UInt8(ascii: "r"):
            return true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            return false
        default: return byte < 0x80
        }
    }

    private mutating func number() -> Int? {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard (1...3).contains(digits.count) else { return nil }
        rest = rest.dropFirst(digits.count)
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }
}
