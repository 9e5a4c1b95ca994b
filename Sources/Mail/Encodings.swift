/// Text in headers (RFC 2047): UTF-8 in base64, cut between characters into words, one a line. Lines with encoded words have
/// at most 76 characters, the name of the field included.
enum EncodedWords {
    static func encode(_ text: String) -> String {
        // What looks like an encoded word is encoded, or a reader would decode it. Header and blanks stay within 78.
        let isPlain =
            text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && !text.contains("=?") && text.utf8.count <= 68
            && text.first != " " && text.last != " "
        if isPlain { return text }
        var words: [String] = []
        var part: [UInt8] = []
        for character in text.unicodeScalars {
            let bytes = UTF8.encode(character).map(Array.init) ?? []
            // 39 bytes become 52 characters, 12 are around them, and `Subject: ` stands before the first.
            if part.count + bytes.count > 39 {
                words.append(word(part))
                part = []
            }
            part += bytes
        }
        if !part.isEmpty { words.append(word(part)) }
        return words.joined(separator: "\r\n ")
    }

    private static func word(_ bytes: [UInt8]) -> String { "=?utf-8?B?\(Base64.encode(bytes))?=" }
}

/// Base64 with padding (RFC 4648 §4).
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        var rest = Array(bytes)[...]
        while let first = rest.popFirst() {
            let second = rest.popFirst()
            let third = rest.popFirst()
            text.append(alphabet[Int(first >> 2)])
            text.append(alphabet[Int(first << 4 & 0x30 | (second ?? 0) >> 4)])
            text.append(second.map { alphabet[Int($0 << 2 & 0x3C | (third ?? 0) >> 6)] } ?? UInt8(ascii: "="))
            text.append(third.map { alphabet[Int($0 & 0x3F)] } ?? UInt8(ascii: "="))
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Bodies (RFC 2045 §6.7): ASCII stays readable, everything else is `=` and two digits, lines have at most 76 characters.
enum QuotedPrintable {
    static func encode(_ text: String) -> [UInt8] {
        var encoded: [UInt8] = []
        for line in lines(of: text) {
            var length = 0
            for (index, byte) in line.enumerated() {
                let isLast = index == line.count - 1
                // Blanks at the end of a line get lost on the way.
                let isBlank = byte == 0x20 || byte == 0x09
                let isPlain = isBlank ? !isLast : byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "=")
                let width = isPlain ? 1 : 3
                // The last column is for the `=` of a soft line break.
                if length + width > (isLast ? 76 : 75) {
                    encoded += "=\r\n".utf8
                    length = 0
                }
                if isPlain {
                    encoded.append(byte)
                } else {
                    encoded += [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                }
                length += width
            }
            encoded += "\r\n".utf8
        }
        return encoded
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Without the empty one after a final line break.
    private static func lines(of text: String) -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        var previous: UInt8 = 0
        for byte in text.utf8 {
            switch byte {
            case 0x0A where previous == 0x0D: break
            case 0x0A, 0x0D: lines.append([])
            default: lines[lines.count - 1].append(byte)
            }
            previous = byte
        }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
