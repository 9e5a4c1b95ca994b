package import JSON

extension Client {
    /// The identifier of the resource that `text` names: an identifier passes as it is, a name is looked up.
    ///
    /// - Throws: ``ClientError/unknownName(kind:name:near:)`` with similar names,
    ///   ``ClientError/ambiguousName(kind:name:candidates:)`` with all that bear it.
    package func identifier(
        of kind: ResourceKind, named text: String, in place: Place
    ) async throws(ClientError) -> String {
        if kind.isIdentifier(text) { return text }
        var query = APIQuery()
        if let filter = kind.nameFilter { query.add(filter, text) }
        let rows = try await all(kind.path(in: place), query, paging: kind.paging)
        do throws(ClientError) {
            return try Self.select(kind, named: text, among: rows)
        } catch .unknownName where kind.nameFilter != nil {
            // The filter hid everything that is merely similar: ask again for the suggestions.
            return try Self.select(
                kind, named: text, among: try await all(kind.path(in: place), paging: kind.paging, limit: 1000))
        }
    }

    /// Identifiers of several, with one request where names are given.
    package func identifiers(
        of kind: ResourceKind, named texts: [String], in place: Place
    ) async throws(ClientError) -> [String] {
        guard texts.contains(where: { !kind.isIdentifier($0) }) else { return texts }
        if texts.count == 1 { return [try await identifier(of: kind, named: texts[0], in: place)] }
        let rows = try await all(kind.path(in: place), paging: kind.paging)
        var identifiers: [String] = []
        for text in texts {
            identifiers.append(kind.isIdentifier(text) ? text : try Self.select(kind, named: text, among: rows))
        }
        return identifiers
    }

    /// Exact names first; then, if nothing bears the exact name, one that differs only in letter case.
    package static func select(
        _ kind: ResourceKind, named text: String, among rows: [JSONValue]
    ) throws(ClientError) -> String {
        var matches = rows.filter { kind.names(of: $0).contains(text) }
        if matches.isEmpty {
            let folded = text.lowercased()
            matches = rows.filter { row in kind.names(of: row).contains { $0.lowercased() == folded } }
        }
        let identifiers = matches.compactMap { $0[kind.idKey]?.stringValue }
        if identifiers.count == 1 { return identifiers[0] }
        guard identifiers.isEmpty else {
            let candidates = matches.map { row in
                NameCandidate(
                    id: row[kind.idKey]?.stringValue ?? "",
                    detail: kind.detailKeys.compactMap { row.at($0)?.stringValue }.joined(separator: ", "))
            }
            throw .ambiguousName(kind: kind.title, name: text, candidates: candidates)
        }
        throw .unknownName(
            kind: kind.title, name: text, near: Similarity.nearest(to: text, among: rows.flatMap(kind.names(of:))))
    }
}

/// Names that somebody may have meant.
enum Similarity {
    /// At most three, the closest first; only what is within half of the length, or contains the text.
    static func nearest(to text: String, among names: [String]) -> [String] {
        let folded = Array(text.lowercased().unicodeScalars)
        var seen = Set<String>()
        let ranked = names.compactMap { name -> (String, Int)? in
            guard seen.insert(name).inserted, name.unicodeScalars.count <= 64, folded.count <= 64 else { return nil }
            let lowered = name.lowercased()
            if lowered.contains(text.lowercased()) { return (name, 1) }
            let distance = distance(folded, Array(lowered.unicodeScalars))
            return distance <= max(1, min(3, folded.count / 2)) ? (name, distance) : nil
        }
        return ranked.sorted { $0.1 < $1.1 }.prefix(3).map(\.0)
    }

    /// Levenshtein's distance.
    private static func distance(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Int {
        var previous = Array(0...other.count)
        for (row, scalar) in one.enumerated() {
            var current = [row + 1]
            for (column, candidate) in other.enumerated() {
                let change = previous[column] + (scalar == candidate ? 0 : 1)
                current.append(min(change, min(previous[column + 1], current[column]) + 1))
            }
            previous = current
        }
        return previous[other.count]
    }
}
