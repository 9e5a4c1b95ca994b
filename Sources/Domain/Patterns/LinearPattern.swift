/// A regular expression of the kind that is matched in time proportional to the text (contract 20 §9): no
/// back-references, no look-around, no named groups, no possessive or lazy quantifiers, bounded repetition up to 100.
///
/// The expression becomes a small program (K. Thompson, 1968) of which all branches run side by side, so no text makes it
/// go back and try again.
package struct LinearPattern: Sendable, Equatable {
    package static let maxBytes = 512
    /// What nested repetition may unfold to: the price of each character of a text.
    static let maxInstructions = 4000

    enum Instruction: Sendable, Equatable {
        case one(ScalarSet)
        case border(Border)
        case either(Int, Int)
        case jump(Int)
        case accept
    }

    enum Border: Sendable, Equatable {
        case start, end, word, notWord
    }

    private let program: [Instruction]

    /// `nil` for what is no such expression, or unfolds to more than can be run.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.maxBytes else { return nil }
        var parser = PatternParser(text)
        guard let tree = parser.pattern() else { return nil }
        var compiler = PatternCompiler()
        guard compiler.append(tree), compiler.finish() else { return nil }
        program = compiler.program
    }

    /// Whether some part of the text matches.
    package func matches(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        var (current, next): ([Int], [Int]) = ([], [])
        // The step in which an instruction was listed last: each runs once a step.
        var listed = [Int](repeating: -1, count: program.count)
        for position in 0...scalars.count {
            // A match may begin anywhere.
            guard !follow(0, at: position, in: scalars, &current, &listed) else { return true }
            guard position < scalars.count else { break }
            for index in current {
                guard case .one(let set) = program[index], set.contains(scalars[position]) else { continue }
                guard !follow(index + 1, at: position + 1, in: scalars, &next, &listed) else { return true }
            }
            swap(&current, &next)
            next.removeAll(keepingCapacity: true)
        }
        return false
    }

    /// Lists the instructions that wait for a character behind `start`.
    ///
    /// - Returns: whether the end is among them.
    private func follow(
        _ start: Int, at position: Int, in scalars: [Unicode.Scalar], _ list: inout [Int], _ listed: inout [Int]
    ) -> Bool {
        var open = [start]
        while let index = open.popLast() {
            guard listed[index] != position else { continue }
            listed[index] = position
            switch program[index] {
            case .one: list.append(index)
            case .border(let border): if holds(border, position, scalars) { open.append(index + 1) }
            case .either(let first, let second): open += [second, first]
            case .jump(let target): open.append(target)
            case .accept: return true
            }
        }
        return false
    }

    private func holds(_ border: Border, _ position: Int, _ scalars: [Unicode.Scalar]) -> Bool {
        switch border {
        case .start: return position == 0
        case .end: return position == scalars.count
        case .word, .notWord:
            let before = position > 0 && ScalarSet.word.contains(scalars[position - 1])
            let after = position < scalars.count && ScalarSet.word.contains(scalars[position])
            return (before != after) == (border == .word)
        }
    }
}
