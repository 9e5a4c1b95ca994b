import HTTP
import JSON
import Primitives
import Synchronization
import TestKit
import Testing

extension World.Answer {
    /// Fails the test where the answer has another status.
    @discardableResult
    func require(_ status: Int, _ place: SourceLocation = #_sourceLocation) -> World.Answer {
        #expect(self.status == status, "\(text)", sourceLocation: place)
        return self
    }
}

extension Shown {
    /// The text of an element without others in it.
    func content(ofID id: String) -> String? {
        guard let start = text.firstRange(of: "id=\"\(id)\"") else { return nil }
        let rest = text[start.upperBound...]
        guard let open = rest.firstIndex(of: ">") else { return nil }
        return String(rest[rest.index(after: open)...].prefix { $0 != "<" })
    }

    /// The value of a hidden field that has quotes in it.
    func unescapedHidden(_ name: String) -> String? {
        hidden(name)?.replacing("&quot;", with: "\"").replacing("&#34;", with: "\"")
    }
}

extension ConsoleBrowser {
    /// The whole of a file that is written piece by piece.
    func file(_ path: String) async -> String {
        guard let response = await response(to: path), case .stream(let write) = response.body else { return "" }
        let bytes = Mutex<[UInt8]>([])
        do {
            try await write(BodyWriter { (piece) throws(BodyWriter.Failure) in bytes.withLock { $0 += piece } })
        } catch { return "" }
        return String(decoding: bytes.withLock { $0 }, as: UTF8.self)
    }

    /// The answer to a GET as it is.
    func response(to path: String) async -> Response? {
        var fields = Fields()
        fields.append(.forwardedFor, address)
        fields.append(.cookie, cookies.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "; "))
        guard
            let request = Request(
                .get, path, host: host, fields: fields, body: [], origin: Origin(peer: .loopbackV4, ray: 0xABC))
        else { return nil }
        return await world.send(request)
    }
}
