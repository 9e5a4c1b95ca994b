/// Names made unique, because names of resources need not be: the second `wiki` of a list is `wiki#2`.
///
/// The result depends only on the names and their order, so the file and the server come to the same keys.
enum UniqueKeys {
    static func keys(of names: [String], avoiding taken: Set<String> = []) -> [String] {
        var used = taken
        // First comers keep their names, so a resource that is really called "wiki#2" does too.
        var keys: [String?] = names.map { used.insert($0).inserted ? $0 : nil }
        for index in keys.indices where keys[index] == nil {
            var number = 2
            while !used.insert("\(names[index])#\(number)").inserted { number += 1 }
            keys[index] = "\(names[index])#\(number)"
        }
        return keys.compactMap { $0 }
    }
}
