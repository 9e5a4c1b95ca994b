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

extension Response {
    /// All of the body, also of one that is written piece by piece.
    func whole() async -> [UInt8] {
        guard case .stream(let write) = body else { return bytes ?? [] }
        let all = Mutex<[UInt8]>([])
        do {
            try await write(BodyWriter { (piece) throws(BodyWriter.Failure) in all.withLock { $0 += piece } })
        } catch { return [] }
        return all.withLock { $0 }
    }
}
