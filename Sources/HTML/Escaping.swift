/// Appends text so that a parser reads back the same text, between tags as well as in a quoted attribute.
///
/// A carriage return is written as a reference, because the parser would make a line feed of it. Other control characters
/// have no place in HTML, not even as references, and become U+FFFD.
func appendEscaped(_ text: String, to bytes: inout [UInt8]) {
    var text = text
    text.withUTF8 { utf8 in
        var start = 0
        for index in utf8.indices {
            guard let replacement = replacement(of: utf8[index]) else { continue }
            bytes.append(contentsOf: utf8[start..<index])
            replacement.withUTF8Buffer { bytes.append(contentsOf: $0) }
            start = index + 1
        }
        bytes.append(contentsOf: utf8[start...])
    }
}

@inline(__always)
private func replacement(of byte: UInt8) -> StaticString? {
    switch byte {
    case UInt8(ascii: "&"): "&amp;"
    case UInt8(ascii: "<"): "&lt;"
    case UInt8(ascii: ">"): "&gt;"
    case UInt8(ascii: "\""): "&quot;"
    case UInt8(ascii: "'"): "&#39;"
    case 0x0D: "&#13;"
    case 0x09, 0x0A: nil
    case 0x00..<0x20, 0x7F: "\u{FFFD}"
    default: nil
    }
}
