import ControlPlane
import Domain
import JSON
import Primitives
import Store
import Wire

/// Where a list goes on: the sort key of the last row that was shown.
struct PagePosition: Sendable, Equatable {
    var number: Int64 = 0
    var text = ""
    var identifier: [UInt8] = []
}

/// Positions as clients carry them: opaque, signed, bound to the filters of their list, good for 24 hours (contract 10
/// §4).
enum SignedPosition {
    private static let lifetime = Duration.seconds(24 * 3600)
    private static let signatureLength = 16

    static func seal(_ position: PagePosition, for filters: String, _ call: Call) -> String {
        var content = CanonicalBytes()
        content.append((call.now + lifetime).microseconds)
        content.append(position.number)
        content.append(position.text)
        content.append(position.identifier)
        let signature = signature(of: content.bytes, filters, call)
        return Base64URL.encode(content.bytes + signature)
    }

    /// - Returns: `nil` for anything this server did not give out for these filters within the last 24 hours.
    static func open(_ text: String, for filters: String, _ call: Call) -> PagePosition? {
        guard let bytes = Base64URL.decode(text), bytes.count > signatureLength else { return nil }
        let content = Array(bytes.dropLast(signatureLength))
        guard constantTimeEqual(signature(of: content, filters, call), bytes.suffix(signatureLength)) else {
            return nil
        }
        // Signed, so it is what `seal` wrote: four pieces, each of them a tag, 32 bits of length, and bytes.
        var reader = Pieces(content[...])
        guard let expiry = reader.number(), let number = reader.number(), let text = reader.bytes(),
            let identifier = reader.bytes(), Timestamp(microseconds: expiry) > call.now
        else { return nil }
        return PagePosition(number: number, text: String(decoding: text, as: UTF8.self), identifier: identifier)
    }

    private static func signature(of content: [UInt8], _ filters: String, _ call: Call) -> [UInt8] {
        var signed = CanonicalBytes()
        signed.append("page position")
        signed.append(filters)
        signed.append(content)
        return call.plane.vault.authenticator(of: signed.bytes)
    }
}

/// Takes ``CanonicalBytes`` apart.
private struct Pieces {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func bytes() -> [UInt8]? {
        guard rest.first == 1, rest.count >= 5 else { return nil }
        let count = rest.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
        let body = rest.dropFirst(5)
        guard body.count >= count else { return nil }
        rest = body.dropFirst(count)
        return Array(body.prefix(count))
    }

    mutating func number() -> Int64? {
        guard let bytes = bytes(), bytes.count == 8 else { return nil }
        return Int64(bitPattern: bytes.reduce(0) { $0 << 8 | UInt64($1) })
    }
}

/// A page that is asked for by token: `page_size` and `page_token`.
struct PageToken: Sendable {
    let size: Int
    let position: PagePosition?
    private let filters: String
    private let sent: String?

    /// - Parameter filters: everything that decides which rows the list has and in which order.
    static func request(_ call: Call, filters: String) throws(Failure) -> PageToken {
        let size = try call.query.integer("page_size", in: 1...100) ?? 10
        guard let sent = call.query.text("page_token") else {
            return PageToken(size: size, position: nil, filters: filters, sent: nil)
        }
        guard let position = SignedPosition.open(sent, for: filters, call) else {
            throw call.query.invalid("page_token", "is not one of this list or has expired: start again without it")
        }
        return PageToken(size: size, position: position, filters: filters, sent: sent)
    }

    /// Rows before the page, for lists that count.
    var offset: Int { Int(position?.number ?? 0) }

    /// A page of rows that were asked for with one more than fits, so that it shows whether there is a next page.
    func reply<Item>(
        _ call: Call, _ page: Page<Item>, position: (Item) -> PagePosition, _ write: (Item, inout JSONWriter) -> Void
    ) -> Reply {
        let shown = page.items.prefix(size)
        var next: String?
        if page.items.count > size, let last = shown.last {
            next = SignedPosition.seal(position(last), for: filters, call)
        }
        return .list(Array(shown), .pageToken(pageSize: size, token: sent, next: next, total: page.total), write)
    }

    /// A result of any form that shows `count` of `total` counted rows.
    func reply(
        _ call: Call, filters: String, count: Int, total: Int, _ write: (inout JSONWriter) -> Void
    ) -> Reply {
        let end = offset + count
        var next: String?
        if count > 0, end < total { next = SignedPosition.seal(PagePosition(number: Int64(end)), for: filters, call) }
        let info = ResultInfo.pageToken(pageSize: size, token: sent, next: next, total: total)
        return .found { writer in
            write(&writer)
            writer.key("result_info")
            info.write(to: &writer)
        }
    }
}

/// A page that is asked for by cursor: `limit` and `cursor`.
struct Cursor: Sendable {
    let limit: Int
    let position: PagePosition?
    private let filters: String

    static func request(_ call: Call, filters: String) throws(Failure) -> Cursor {
        let limit = try call.query.integer("limit", in: 1...1000) ?? 100
        guard let sent = call.query.text("cursor") else { return Cursor(limit: limit, position: nil, filters: filters) }
        guard let position = SignedPosition.open(sent, for: filters, call) else {
            throw call.query.invalid("cursor", "is not one of this list or has expired: start again without it")
        }
        return Cursor(limit: limit, position: position, filters: filters)
    }

    /// A page of rows that were asked for with one more than fits.
    func reply<Item>(
        _ call: Call, _ items: [Item], position: (Item) -> PagePosition, _ write: (Item, inout JSONWriter) -> Void
    ) -> Reply {
        let shown = items.prefix(limit)
        var after: String?
        if items.count > limit, let last = shown.last {
            after = SignedPosition.seal(position(last), for: filters, call)
        }
        return .list(Array(shown), .cursor(count: shown.count, after: after), write)
    }
}

extension QueryReader {
    /// The values of these parameters in a form that differs whenever one of them does.
    func fingerprint(of names: [String]) -> String {
        var bytes = CanonicalBytes()
        for name in names {
            let values = texts(name)
            bytes.append(Int64(values.count))
            for value in values { bytes.append(value) }
        }
        return Hex.encode(bytes.bytes)
    }
}
