import JSON

/// The order in which the changes of one account can be made: whatever a resource names comes before it, and of several
/// with one name the first comes first, because their order is all that tells them apart.
enum ChangeOrder {
    struct Step {
        let change: ConfigChange
        /// It takes part in a circle of references: it is created without them first, and completed at the end.
        let isPreliminary: Bool
    }

    /// Kinds in the order of ``ConfigKind/all``, resources in that of the document, except where references say otherwise.
    static func steps(_ changes: [ConfigChange]) -> [Step] {
        let nodes = changes.enumerated().sorted { one, other in
            (rank(one.element), one.offset) < (rank(other.element), other.offset)
        }.map(\.element)
        var waitingFor = dependencies(of: nodes)
        var done = Set<Int>()
        var steps: [Step] = []
        while steps.count < nodes.count {
            let open = nodes.indices.filter { !done.contains($0) }
            let ready = open.first { waitingFor[$0].isEmpty }
            // In a circle something has to begin without what it names; never something whose namesake is not there.
            let next = ready ?? open.first { waitingFor[$0].predecessor == nil } ?? open[0]
            steps.append(Step(change: nodes[next], isPreliminary: ready == nil))
            done.insert(next)
            for index in open { waitingFor[index].remove(next) }
        }
        return steps
    }

    private struct Dependencies {
        var references: Set<Int> = []
        /// The resource of the same name before it.
        var predecessor: Int?

        var isEmpty: Bool { references.isEmpty && predecessor == nil }

        mutating func remove(_ index: Int) {
            references.remove(index)
            if predecessor == index { predecessor = nil }
        }
    }

    private static func dependencies(of nodes: [ConfigChange]) -> [Dependencies] {
        var created: [String: Int] = [:]
        for (index, node) in nodes.enumerated() where node.action != .update {
            created["\(node.section)\u{0}\(node.key)"] = index
        }
        let sections = Dictionary(
            uniqueKeysWithValues: ConfigKind.all.compactMap { kind in kind.reference.map { ($0, kind.member) } })
        var lastOfName: [String: Int] = [:]
        return nodes.enumerated().map { index, node in
            var dependencies = Dependencies()
            guard let kind = ConfigKind.all.first(where: { $0.member == node.section }) else { return dependencies }
            for reference in kind.references(of: node.document) {
                guard let section = sections[reference.kind] else { continue }
                if let other = created["\(section)\u{0}\(reference.key)"] { dependencies.references.insert(other) }
            }
            if node.action == .create {
                let name = "\(node.section)\u{0}\(ConfigKind.name(of: node.document, kind.resource))"
                dependencies.predecessor = lastOfName.updateValue(index, forKey: name)
            }
            return dependencies
        }
    }

    private static func rank(_ change: ConfigChange) -> Int {
        ConfigKind.all.firstIndex { $0.member == change.section } ?? 0
    }
}

extension ConfigChange {
    /// The section of a resource; empty for everything else.
    var section: String {
        if case .resource(let member) = subject { member } else { "" }
    }

    /// The same without the references that close a circle, letting nobody in.
    var preliminary: ConfigChange {
        var document = self.document
        if section == ConfigKind.apps.member {
            document = document.setting(["policies"], to: [])
        } else {
            document = document.removing([["exclude"], ["require"]])
                .setting(["include"], to: [["email": ["email": "nobody@preliminary.invalid"]]])
        }
        return ConfigChange(action, subject, account: account, key: key, document: document, identifier: identifier)
    }
}
