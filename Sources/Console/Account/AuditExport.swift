import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// The rows of a log as a file, written while they are read: its length is no matter of memory.
struct AuditExport: Sendable {
    enum Format: String, Sendable {
        /// A line of JSON for each row, as the REST API answers it.
        case ndjson
        /// For spreadsheets (RFC 4180).
        case csv

        var mediaType: String {
            switch self {
            case .ndjson: "application/x-ndjson"
            case .csv: "text/csv; charset=utf-8"
            }
        }
    }

    let query: AuditQuery
    let store: Database
    let format: Format

    private static let batch = 500

    var download: Download {
        Download(name: "audit-log.\(format.rawValue)", type: format.mediaType, body: .stream(write))
    }

    private func write(_ writer: BodyWriter) async throws {
        if format == .csv { try await writer.write(Self.line(Self.head)) }
        let query = query
        var last: AuditPosition?
        while true {
            let start = last
            let rows = try await store.background { (reader) throws(Failure) in
                try reader.auditRows(query, after: start, limit: Self.batch)
            }
            guard let end = rows.last else { return }
            last = AuditPosition(at: end.at, position: end.position)
            try await writer.write(rows.flatMap(bytes(of:)))
            if rows.count < Self.batch { return }
        }
    }

    private func bytes(of row: AuditRow) -> [UInt8] {
        switch format {
        case .ndjson:
            var writer = JSONWriter()
            row.write(to: &writer)
            return writer.bytes + [UInt8(ascii: "\n")]
        case .csv: return Self.line(Self.cells(of: row))
        }
    }

    // MARK: CSV

    private static let head = [
        "time", "action", "resource_type", "resource_id", "account_id", "account_name", "result", "status", "actor",
        "actor_email", "actor_token",
        "context", "ip_address", "method", "uri", "ray_id", "description", "id",
    ]

    private static func cells(of row: AuditRow) -> [String] {
        let (event, request) = (row.event, row.request)
        return [
            row.at.rfc3339(.microseconds), event.action.rawValue, event.resource.kind.rawValue, event.resource.id,
            event.account?.hex ?? "", row.accountName ?? "", row.isSuccess ? "success" : "failure", "\(row.status)",
            request.actor.kind.rawValue,
            request.actor.email ?? "", request.actor.token?.name ?? "", request.actor.context.rawValue, request.address,
            request.method, request.uri, request.ray, event.description, row.id.uuid,
        ]
    }

    private static func line(_ cells: [String]) -> [UInt8] {
        Array((cells.map(CSV.cell).joined(separator: ",") + "\r\n").utf8)
    }
}

/// Comma-separated values (RFC 4180) that a spreadsheet takes for text, whatever is in them.
enum CSV {
    /// What would be a formula begins with an apostrophe, so that names of strangers stay text.
    static func cell(_ text: String) -> String {
        let isFormula = text.first.map { "=+-@\t\r".contains($0) } ?? false
        let safe = isFormula ? "'" + text : text
        guard safe.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }
}
