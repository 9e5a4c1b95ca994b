/// Reads one field line (RFC 9112 §5): `name ":" OWS value OWS`, the line break already removed. Requests, responses and
/// trailers share it.
struct FieldLine {
    let name: Range<Int>
    let value: Range<Int>
    let signature: UInt32

    /// Reads `bytes[range]` and lowers the name in place.
    init(_ bytes: UnsafeMutableBufferPointer<UInt8>, _ range: Range<Int>, _ tables: borrowing FieldTables) throws(Fault)
    {
        var position = range.lowerBound
        let end = range.upperBound
        var signature = FieldName.seed
        while position < end {
            let lower = tables.token[Int(bytes[position])]
            guard lower != 0 else { break }
            bytes[position] = lower
            signature = FieldName.step(signature, lower)
            position += 1
        }
        guard position < end, bytes[position] == UInt8(ascii: ":"), position > range.lowerBound else {
            let first = bytes[range.lowerBound]
            // Line folding is how one field is read as two by whoever joins lines (RFC 9112 §5.2).
            throw .bad(first == 0x20 || first == 0x09 ? "folded field line" : "malformed field name")
        }
        name = range.lowerBound..<position
        var start = position + 1
        while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
        var stop = end
        while stop > start, bytes[stop - 1] == 0x20 || bytes[stop - 1] == 0x09 { stop -= 1 }
        for index in start..<stop where tables.value[Int(bytes[index])] == 0 {
            throw .bad("control character in a field value")
        }
        value = start..<stop
        self.signature = signature
    }
}

/// The byte tables as pointers, fetched once a head.
struct FieldTables: ~Copyable {
    let token: UnsafePointer<UInt8>
    let value: UnsafePointer<UInt8>

    /// Runs `body` with both tables.
    static func with<Result>(_ body: (borrowing FieldTables) throws(Fault) -> Result) throws(Fault) -> Result {
        try Characters.lowerToken.withUnsafeBufferPointer { (token) throws(Fault) -> Result in
            try Characters.fieldValue.withUnsafeBufferPointer { (value) throws(Fault) -> Result in
                // Both tables have 256 entries, so a base address exists.
                try body(FieldTables(token: token.baseAddress!, value: value.baseAddress!))
            }
        }
    }
}
