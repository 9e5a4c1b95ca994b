package import JSON

/// How a list hands out its rows (contract 10 §4).
package enum Paging: Sendable, Hashable {
    case page
    case pageToken
    case cursor
    case offset
    /// Everything at once.
    case single
}

extension Client {
    /// Every row of a list, whatever its paging.
    ///
    /// - Parameter limit: stops once so many rows are there.
    package func all(
        _ path: APIPath, _ query: APIQuery = APIQuery(), paging: Paging, limit: Int = .max
    ) async throws(ClientError) -> [JSONValue] {
        var rows: [JSONValue] = []
        try await pages(path, query, paging: paging, limit: limit) { answer in
            rows += answer.result.arrayValue ?? []
            return rows.count < limit
        }
        return rows.count > limit ? Array(rows.prefix(limit)) : rows
    }

    /// Visits the answers of a list one after the other, until the last page or until `visit` returns `false`.
    ///
    /// - Parameter limit: rows wanted, so that a short list is not fetched in long pages.
    package func pages(
        _ path: APIPath, _ query: APIQuery = APIQuery(), paging: Paging, limit: Int = .max,
        _ visit: (Answer) throws(ClientError) -> Bool
    ) async throws(ClientError) {
        var position = PagePosition(paging, limit: limit)
        while true {
            let answer = try await get(path, position.query(extending: query))
            guard try visit(answer), position.advance(past: answer) else { return }
        }
    }
}

/// Where in a list the next page begins.
struct PagePosition {
    private let paging: Paging
    private let size: Int
    private var page = 1
    private var offset = 0
    private var token: String?

    init(_ paging: Paging, limit: Int) {
        self.paging = paging
        let largest =
            switch paging {
            case .page, .cursor, .single: 1000
            case .pageToken: 100
            case .offset: 250
            }
        size = max(1, min(limit, largest))
    }

    func query(extending query: APIQuery) -> APIQuery {
        switch paging {
        case .single: query
        case .page: query.adding("page", String(page)).adding("per_page", String(size))
        case .pageToken: query.adding("page_size", String(size)).adding("page_token", token)
        case .cursor: query.adding("limit", String(size)).adding("cursor", token)
        case .offset: query.adding("limit", String(size)).adding("offset", String(offset))
        }
    }

    /// `false` after the last page. A repeated token or an empty page ends a list, so that no answer makes this endless.
    mutating func advance(past answer: Answer) -> Bool {
        let count = answer.result.arrayValue?.count ?? answer.info?["count"]?.integerValue.map(Int.init(clamping:)) ?? 0
        switch paging {
        case .single:
            return false
        case .page:
            guard count > 0 else { return false }
            if let pages = answer.info?["total_pages"]?.integerValue, pages <= Int64(page) { return false }
            page += 1
            return true
        case .pageToken:
            return follow(answer.info?["next_page_token"]?.stringValue)
        case .cursor:
            guard count > 0 else { return false }
            return follow(answer.info?["cursors"]?["after"]?.stringValue)
        case .offset:
            guard count > 0 else { return false }
            offset += count
            if let total = answer.info?["total_count"]?.integerValue, total <= Int64(offset) { return false }
            return true
        }
    }

    private mutating func follow(_ next: String?) -> Bool {
        guard let next, !next.isEmpty, next != token else { return false }
        token = next
        return true
    }
}
