/// The order in which the changes of one account can be made: whatever a resource names comes before it.
enum ChangeOrder {
    /// Kinds in the order of ``ConfigKind/all``; within and across kinds, referenced resources first. A circle of
    /// references stays in the order of the document, and the server says what it thinks of it.
    static func sorted(_ changes: [ConfigChange]) -> [ConfigChange] {
        let rank = Dictionary(uniqueKeysWithValues: ConfigKind.all.enumerated().map { ($1.member, $0) })
        let nodes = changes.enumerated().sorted { one, other in
            (rank[one.element.section] ?? 0, one.offset) < (rank[other.element.section] ?? 0, other.offset)
        }.map(\.element)
        var position: [String: Int] = [:]
        for (index, change) in nodes.enumerated() { position["\(change.section)\u{0}\(change.key)"] = index }
        let sections = Dictionary(
            uniqueKeysWithValues: ConfigKind.all.compactMap { kind in kind.reference.map { ($0, kind.member) } })

        var visited = Set<Int>()
        var order: [ConfigChange] = []
        func visit(_ index: Int) {
            guard visited.insert(index).inserted else { return }
            let change = nodes[index]
            let kind = ConfigKind.all.first { $0.member == change.section }
            for reference in kind?.references(of: change.document) ?? [] {
                guard let section = sections[reference.kind], let next = position["\(section)\u{0}\(reference.key)"] else {
                    continue
                }
                visit(next)
            }
            order.append(change)
        }
        for index in nodes.indices { visit(index) }
        return order
    }
}

extension ConfigChange {
    /// The section of a resource; empty for everything else.
    var section: String {
        if case .resource(let member) = subject { member } else { "" }
    }
}
