import Glibc

/// `method SP request-target SP HTTP-version CRLF` (RFC 9112 §3).
struct RequestLine {
    let method: Method
    let target: Range<Int>
    let path: Range<Int>
    let query: Range<Int>?
    /// Host and port of an absolute target.
    let authority: Range<Int>?
    let minorVersion: UInt8
    /// Where the fields begin.
    let end: Int

    init(_ input: UnsafeBufferPointer<UInt8>) throws(Fault) {
        guard let base = input.baseAddress, let found = memchr(base, 13, input.count) else {
            throw .bad("malformed request line")
        }
        let lineEnd = UnsafeRawPointer(found) - UnsafeRawPointer(base)
        guard lineEnd + 1 < input.count, input[lineEnd + 1] == 10 else { throw .bad("bare carriage return") }
        end = lineEnd + 2

        var position = 0
        while position < lineEnd, Characters.lowerToken[Int(input[position])] != 0 { position += 1 }
        guard position > 0, position < lineEnd, input[position] == 0x20 else { throw .bad("malformed request line") }
        let methodEnd = position
        method = Method(trusted: UnsafeBufferPointer(rebasing: input[..<methodEnd]).span)

        let start = methodEnd + 1
        position = start
        var mark: Int?
        Characters.target.withUnsafeBufferPointer { table in
            while position < lineEnd, table[Int(input[position])] != 0 {
                if mark == nil, input[position] == UInt8(ascii: "?") { mark = position }
                position += 1
            }
        }
        guard position > start, position < lineEnd, input[position] == 0x20 else {
            throw .bad("malformed request target")
        }
        target = start..<position
        query = mark.map { $0 + 1..<position }
        minorVersion = try Self.minorVersion(UnsafeBufferPointer(rebasing: input[(position + 1)..<lineEnd]).span)

        let pathEnd = mark ?? position
        if input[start] == UInt8(ascii: "/") {
            path = start..<pathEnd
            authority = nil
        } else if target.count == 1, input[start] == UInt8(ascii: "*") {
            guard method == .options else { throw .bad("malformed request target") }
            path = target
            authority = nil
        } else {
            // A proxy may send the whole URL (RFC 9112 §3.2.2). CONNECT's form is refused: we are no tunnel.
            let text = input[start..<pathEnd]
            let scheme = text.prefix(8).equalsIgnoringCase("https://") ? 8 : 7
            guard scheme == 8 || text.prefix(7).equalsIgnoringCase("http://") else {
                throw .bad("malformed request target")
            }
            let host = start + scheme
            let slash = input[host..<pathEnd].firstIndex(of: UInt8(ascii: "/")) ?? pathEnd
            authority = host..<slash
            path = slash..<pathEnd
        }
    }

    /// 1 for HTTP/1.1, 0 for HTTP/1.0.
    private static func minorVersion(_ version: Span<UInt8>) throws(Fault) -> UInt8 {
        if version.equals("HTTP/1.1") { return 1 }
        if version.equals("HTTP/1.0") { return 0 }
        let isVersion = version.withUnsafeBufferPointer { bytes in
            bytes.count == 8 && bytes.prefix(5).elementsEqual("HTTP/".utf8) && Characters.isDigit(bytes[5])
                && bytes[6] == UInt8(ascii: ".") && Characters.isDigit(bytes[7])
        }
        throw isVersion ? Fault(.versionNotSupported, "unsupported HTTP version") : .bad("malformed request line")
    }
}

/// `uri-host [ ":" port ]` (RFC 9110 §7.2), with host names limited to what DNS and our configuration know.
enum HostSyntax {
    static func isValid(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard !bytes.isEmpty, bytes.count <= 260 else { return false }
        var rest = bytes
        if rest.first == UInt8(ascii: "[") {
            guard let close = rest.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = rest[(rest.startIndex + 1)..<close]
            guard address.count >= 2, address.allSatisfy({ isAddress($0) }) else { return false }
            rest = rest[(close + 1)...]
        } else {
            let name = rest.prefix { isName($0) }
            guard !name.isEmpty, name.count <= 253 else { return false }
            rest = rest[name.endIndex...]
        }
        guard !rest.isEmpty else { return true }
        let port = rest.dropFirst()
        guard rest.first == UInt8(ascii: ":"), port.count <= 5, port.allSatisfy({ Characters.isDigit($0) }) else {
            return false
        }
        return port.reduce(0) { $0 * 10 + Int($1 - 0x30) } <= 65_535
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func isAddress(_ byte: UInt8) -> Bool {
        Characters.hexValue(byte) != nil || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
    }
}
