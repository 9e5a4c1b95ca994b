/// What a pattern is made of.
indirect enum PatternNode {
    case one(ScalarSet)
    case border(LinearPattern.Border)
    case sequence([PatternNode])
    case choice([PatternNode])
    /// - Parameter atMost: `nil` for without end.
    case repeated(PatternNode, atLeast: Int, atMost: Int?)
}

/// Reads a pattern; every method returns `nil` for what is none.
struct PatternParser {
    private static let maxDepth = 16
    private static let maxRepetition = 100
    private var rest: Substring.UnicodeScalarView

    init(_ text: String) { rest = text[...].unicodeScalars }

    mutating func pattern() -> PatternNode? {
        guard let tree = alternation(depth: 0), rest.isEmpty else { return nil }
        return tree
    }

    private mutating func alternation(depth: Int) -> PatternNode? {
        guard depth <= Self.maxDepth else { return nil }
        var branches: [PatternNode] = []
        repeat {
            var parts: [PatternNode] = []
            while let next = rest.first, next != "|", next != ")" {
                guard let part = term(depth: depth) else { return nil }
                parts.append(part)
            }
            branches.append(.sequence(parts))
        } while skip("|")
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func term(depth: Int) -> PatternNode? {
        guard let scalar = rest.popFirst() else { return nil }
        let atom: PatternNode
        switch scalar {
        case "(":
            if skip("?"), !skip(":") { return nil }
            guard let group = alternation(depth: depth + 1), skip(")") else { return nil }
            atom = group
        case "[":
            guard let set = characterClass() else { return nil }
            atom = .one(set)
        case "\\":
            if let border = skipBorder() {
                atom = .border(border)
            } else {
                guard let set = escape() else { return nil }
                atom = .one(set)
            }
        case "*", "+", "?", "{", "}", "]": return nil
        case "^": return .border(.start)
        case "$": return .border(.end)
        case ".": atom = .one(.any)
        default: atom = .one(ScalarSet(scalar))
        }
        return quantified(atom)
    }

    private mutating func quantified(_ atom: PatternNode) -> PatternNode? {
        if skip("*") { return .repeated(atom, atLeast: 0, atMost: nil) }
        if skip("+") { return .repeated(atom, atLeast: 1, atMost: nil) }
        if skip("?") { return .repeated(atom, atLeast: 0, atMost: 1) }
        guard skip("{") else { return atom }
        guard let least = number(), least <= Self.maxRepetition else { return nil }
        var most: Int? = least
        if skip(",") {
            most = nil
            if rest.first != "}" {
                guard let number = number(), least <= number, number <= Self.maxRepetition else { return nil }
                most = number
            }
        }
        return skip("}") ? .repeated(atom, atLeast: least, atMost: most) : nil
    }

    private mutating func characterClass() -> ScalarSet? {
        let isNegated = skip("^")
        var set = ScalarSet([])
        var isEmpty = true
        while let scalar = rest.popFirst() {
            if scalar == "]", !isEmpty { return isNegated ? set.complement : set }
            isEmpty = false
            if scalar == "\\" {
                // Within a class there are no borders: RE2 and PCRE read `\b` as a backspace.
                guard let escaped = skip("b") ? ScalarSet("\u{8}") : escape() else { return nil }
                set = set.union(escaped)
                continue
            }
            var last = scalar
            if rest.first == "-", let bound = rest.dropFirst().first, bound != "]", bound != "\\" {
                rest.removeFirst(2)
                last = bound
            }
            guard scalar <= last else { return nil }
            set = set.union(ScalarSet([scalar.value...last.value]))
        }
        return nil
    }

    private mutating func skipBorder() -> LinearPattern.Border? {
        if skip("b") { return .word }
        return skip("B") ? .notWord : nil
    }

    /// A class (`\d`) or punctuation taken literally. Digits would be back-references, other letters mean different things in
    /// different languages.
    private mutating func escape() -> ScalarSet? {
        guard let scalar = rest.popFirst(), scalar.isASCII else { return nil }
        switch scalar {
        case "d": return .digit
        case "D": return ScalarSet.digit.complement
        case "w": return .word
        case "W": return ScalarSet.word.complement
        case "s": return .space
        case "S": return ScalarSet.space.complement
        case "t": return ScalarSet("\t")
        case "n": return ScalarSet("\n")
        case "r": return ScalarSet("\r")
        default: return scalar.properties.isAlphabetic || ScalarSet.digit.contains(scalar) ? nil : ScalarSet(scalar)
        }
    }

    private mutating func number() -> Int? {
        let digits = rest.prefix { ScalarSet.digit.contains($0) }
        guard (1...3).contains(digits.count) else { return nil }
        rest = rest.dropFirst(digits.count)
        return digits.reduce(0) { $0 * 10 + Int($1.value - 0x30) }
    }

    private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard rest.first == scalar else { return false }
        rest.removeFirst()
        return true
    }
}
