package import Domain
package import JSON
import Primitives

/// The v4 envelope (contract 10 §3).
package enum Envelope {
    /// Writes a successful answer around one result.
    package static func success(
        notices: [Notice] = [], _ writeResult: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        var writer = JSONWriter(reserving: 1024)
        open(&writer, notices: notices)
        writeResult(&writer)
        writer.endObject()
        return writer.bytes
    }

    /// Writes a successful answer around a list.
    package static func list(
        notices: [Notice] = [], _ info: ResultInfo, reserving capacity: Int = 4096,
        _ writeItems: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        var writer = JSONWriter(reserving: capacity)
        open(&writer, notices: notices)
        writer.beginArray()
        writeItems(&writer)
        writer.endArray()
        writer.key("result_info")
        info.write(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    private static func open(_ writer: inout JSONWriter, notices: [Notice]) {
        writer.beginObject()
        writer.member("success", true)
        writer.member("errors", raw: .emptyArray)
        writer.key("messages")
        writer.beginArray()
        for notice in notices {
            writer.beginObject()
            writer.member("code", notice.code)
            writer.member("message", notice.detail.isEmpty ? notice.token : "\(notice.token): \(notice.detail)")
            writer.key("type")
            writer.null()
            writer.endObject()
        }
        writer.endArray()
        writer.key("result")
    }

    package static func failure(_ problems: [Problem]) -> [UInt8] {
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        writer.member("success", false)
        writer.key("errors")
        writer.beginArray()
        for problem in problems { write(problem, to: &writer) }
        writer.endArray()
        writer.member("messages", raw: .emptyArray)
        writer.key("result")
        writer.null()
        writer.endObject()
        return writer.bytes
    }

    private static func write(_ problem: Problem, to writer: inout JSONWriter) {
        writer.beginObject()
        // A header problem is a chain: the general code outside, the precise one within.
        let isChained = problem.code == .invalidAuthorizationHeader || problem.code == .globalKeyRefused
        let outer: ErrorCode = isChained ? .invalidRequestHeaders : problem.code
        writer.member("code", outer.rawValue)
        writer.member("message", isChained ? outer.token : problem.message)
        writer.member("documentation_url", "/docs/errors#\(outer.rawValue)")
        if let pointer = problem.pointer {
            writer.key("source")
            writer.beginObject()
            writer.member("pointer", pointer)
            writer.endObject()
        }
        if isChained {
            writer.key("error_chain")
            writer.beginArray()
            writer.beginObject()
            writer.member("code", problem.code.rawValue)
            writer.member("message", problem.message)
            writer.endObject()
            writer.endArray()
        }
        writer.endObject()
    }
}

extension Problem {
    /// The stable token, and the sentence after it.
    package var message: String {
        switch code {
        case .couldNotRoute: "\(code.token) \(detail), perhaps your object identifier is invalid?"
        case .tokenRefused: detail.isEmpty ? code.token : detail
        default: detail.isEmpty ? code.token : "\(code.token): \(detail)"
        }
    }
}

/// What a list says about itself, a shape for each kind of paging (contract 10 §4).
package enum ResultInfo: Sendable, Equatable {
    case page(page: Int, perPage: Int, count: Int, total: Int)
    case pageToken(pageSize: Int, token: String?, next: String?, total: Int)
    case cursor(count: Int, after: String?)
    case single(count: Int)

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        switch self {
        case .page(let page, let perPage, let count, let total):
            writer.member("page", page)
            writer.member("per_page", perPage)
            writer.member("count", count)
            writer.member("total_count", total)
            writer.member("total_pages", (total + perPage - 1) / perPage)
        case .pageToken(let pageSize, let token, let next, let total):
            writer.member("page_size", pageSize)
            if let token { writer.member("page_token", token) }
            if let next { writer.member("next_page_token", next) }
            writer.member("total_size", total)
        case .cursor(let count, let after):
            writer.member("count", count)
            writer.key("cursors")
            writer.beginObject()
            writer.member("after", after ?? "")
            writer.endObject()
        case .single(let count):
            writer.member("count", count)
            writer.member("total_count", count)
        }
        writer.endObject()
    }
}
