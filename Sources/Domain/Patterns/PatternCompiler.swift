/// Turns a pattern into instructions. Each method returns false once there are too many.
struct PatternCompiler {
    private(set) var program: [LinearPattern.Instruction] = []

    mutating func finish() -> Bool { emit(.accept) }

    mutating func append(_ node: PatternNode) -> Bool {
        switch node {
        case .one(let set): return emit(.one(set))
        case .border(let border): return emit(.border(border))
        case .sequence(let parts): return parts.allSatisfy { append($0) }
        case .choice(let branches): return append(choice: branches)
        case .repeated(let part, let least, let most):
            for _ in 0..<least { guard append(part) else { return false } }
            guard let most else { return append(star: part) }
            return append(optional: part, times: most - least)
        }
    }

    private mutating func append(choice branches: [PatternNode]) -> Bool {
        var exits: [Int] = []
        for (index, branch) in branches.enumerated() {
            guard index < branches.count - 1 else {
                guard append(branch) else { return false }
                break
            }
            let fork = program.count
            guard emit(.accept), append(branch) else { return false }
            exits.append(program.count)
            guard emit(.accept) else { return false }
            program[fork] = .either(fork + 1, program.count)
        }
        for exit in exits { program[exit] = .jump(program.count) }
        return true
    }

    private mutating func append(star part: PatternNode) -> Bool {
        let fork = program.count
        guard emit(.accept), append(part), emit(.jump(fork)) else { return false }
        program[fork] = .either(fork + 1, program.count)
        return true
    }

    /// `x{0,3}` is `(x(x(x)?)?)?`: every fork leads to the end.
    private mutating func append(optional part: PatternNode, times: Int) -> Bool {
        var forks: [Int] = []
        for _ in 0..<times {
            forks.append(program.count)
            guard emit(.accept), append(part) else { return false }
        }
        for fork in forks { program[fork] = .either(fork + 1, program.count) }
        return true
    }

    /// Forks and jumps are emitted as a placeholder until it is known where they lead.
    private mutating func emit(_ instruction: LinearPattern.Instruction) -> Bool {
        guard program.count < LinearPattern.maxInstructions else { return false }
        program.append(instruction)
        return true
    }
}
