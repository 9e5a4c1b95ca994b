/// Percent-encoding (RFC 3986 §2.1).
package enum PercentEncoding {
    /// Decodes once. `nil` for a bad escape, a NUL and for what is not UTF-8 afterwards.
    package static func decode(_ bytes: some Collection<UInt8>, plusIsSpace: Bool = false) -> String? {
        if let plain = bytes.withContiguousStorageIfAvailable({ Self.plain($0, plusIsSpace) }), let plain {
            return plain
        }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            var value = byte
            if byte == UInt8(ascii: "%") {
                guard let high = iterator.next().flatMap(Characters.hexValue),
                    let low = iterator.next().flatMap(Characters.hexValue)
                else { return nil }
                value = high << 4 | low
            } else if plusIsSpace, byte == UInt8(ascii: "+") {
                value = 0x20
            }
            guard value != 0 else { return nil }
            decoded.append(value)
        }
        return String(validating: decoded, as: UTF8.self)
    }

    /// The text itself where it is ASCII and holds nothing to decode, as nearly every path does.
    private static func plain(_ bytes: UnsafeBufferPointer<UInt8>, _ plusIsSpace: Bool) -> String? {
        for byte in bytes {
            guard byte != 0, byte < 0x80, byte != UInt8(ascii: "%"), !plusIsSpace || byte != UInt8(ascii: "+") else {
                return nil
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    package static func decode(_ text: some StringProtocol) -> String? { decode(Array(text.utf8)) }

    /// Escapes everything but the unreserved characters, for one path segment or one query name or value.
    package static func encode(_ text: some StringProtocol) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(text.utf8.count)
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            if Characters.unreserved[Int(byte)] != 0 {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
