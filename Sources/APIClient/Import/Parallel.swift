/// Runs `work` for every item with at most `width` at a time and hands results back in the order of the items.
package func inParallel<Item: Sendable, Value: Sendable>(
    _ items: [Item], width: Int, _ work: @escaping @Sendable (Item) async -> Value
) async -> [Value] {
    await withTaskGroup(of: (Int, Value).self) { group in
        var results = [Value?](repeating: nil, count: items.count)
        var next = 0
        func addNext() {
            guard next < items.count else { return }
            let index = next
            group.addTask { (index, await work(items[index])) }
            next += 1
        }
        for _ in 0..<max(1, width) { addNext() }
        while let (index, value) = await group.next() {
            results[index] = value
            addNext()
        }
        return results.compactMap { $0 }
    }
}
