package import Primitives

/// A complete request head: one buffer and the ranges within it. Shared by reference, since it never changes.
package final class RequestHead: Sendable {
    /// Where the message's body ends (RFC 9112 §6.3).
    package enum Framing: Sendable, Equatable {
        case none
        case length(Int)
        case chunked
    }

    /// A field line: positions in ``bytes``; the name is already lowercase.
    struct Line: Sendable {
        let name: UInt16
        let nameEnd: UInt16
        let value: UInt16
        let valueEnd: UInt16
        let signature: UInt32
    }

    /// Everything up to the empty line, names lowered.
    let bytes: [UInt8]
    let lines: [Line]
    package let method: Method
    let target: Range<Int>
    /// Empty when the target is an absolute URL without a path.
    let path: Range<Int>
    /// The part after `?`.
    let query: Range<Int>?
    /// The authority of an absolute target, or the value of Host; empty only for HTTP/1.0 without Host.
    let host: Range<Int>
    /// 1 for HTTP/1.1, 0 for HTTP/1.0.
    package let minorVersion: UInt8
    package let framing: Framing
    /// Whether the client lets the connection go on after the response.
    package let keepsAlive: Bool
    /// `Expect: 100-continue`: the client waits for 100 before it sends the body.
    package let expectsContinue: Bool
    package let peer: IPAddress
    package let isSecure: Bool
    package let ray: UInt64

    init(
        bytes: [UInt8], lines: [Line], method: Method, target: Range<Int>, path: Range<Int>, query: Range<Int>?,
        host: Range<Int>, minorVersion: UInt8, framing: Framing, keepsAlive: Bool, expectsContinue: Bool, origin: Origin
    ) {
        self.bytes = bytes
        self.lines = lines
        self.method = method
        self.target = target
        self.path = path
        self.query = query
        self.host = host
        self.minorVersion = minorVersion
        self.framing = framing
        self.keepsAlive = keepsAlive
        self.expectsContinue = expectsContinue
        peer = origin.peer
        isSecure = origin.isSecure
        ray = origin.ray
    }

    /// The first line with that name.
    func line(_ name: FieldName) -> Line? {
        for line in lines where line.signature == name.signature {
            if matches(line, name) { return line }
        }
        return nil
    }

    func matches(_ line: Line, _ name: FieldName) -> Bool {
        guard line.signature == name.signature, name.text.utf8.count == Int(line.nameEnd - line.name) else {
            return false
        }
        return bytes[Int(line.name)..<Int(line.nameEnd)].elementsEqual(name.text.utf8)
    }

    func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}

/// What a request's bytes do not say: where they came from.
package struct Origin: Sendable {
    /// The address of the other end of the connection.
    package var peer: IPAddress
    /// Whether the connection is TLS.
    package var isSecure: Bool
    /// A random identity for logs; not a secret.
    package var ray: UInt64

    package init(peer: IPAddress, isSecure: Bool = false, ray: UInt64 = 0) {
        self.peer = peer
        self.isSecure = isSecure
        self.ray = ray
    }
}
