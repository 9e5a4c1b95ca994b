import HTTP

/// Paths as destinations are compared with them.
package enum RequestPath {
    /// The path of a target in the one spelling that destinations are compared in; `nil` where two readers could
    /// disagree about it.
    package static func canonical(_ target: String) -> String? {
        let bytes = Array(target.utf8)
        let raw = bytes[..<(bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex)]
        if isPlain(raw) { return String(decoding: raw, as: UTF8.self) }
        guard hasHarmlessEscapes(raw), let decoded = PercentEncoding.decode(raw),
            decoded.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), !isDecodedTwice(decoded)
        else { return nil }
        var segments: [Substring] = []
        var isFolder = false
        for part in decoded.split(separator: "/", omittingEmptySubsequences: true) {
            // Some servers cut a segment at its `;` before they look for dots.
            let bare = part.prefix { $0 != ";" }
            isFolder = part == "." || part == ".."
            guard isFolder || (bare != "." && bare != "..") else { return nil }
            if part == "." { continue }
            if part == ".." {
                if !segments.isEmpty { segments.removeLast() }
                continue
            }
            segments.append(part)
        }
        let slash = (decoded.hasSuffix("/") || isFolder) && !segments.isEmpty
        return "/" + segments.joined(separator: "/") + (slash ? "/" : "")
    }

    /// Whether there is nothing to do, as with nearly every path.
    private static func isPlain(_ path: ArraySlice<UInt8>) -> Bool {
        var previous: UInt8 = 0
        for byte in path {
            switch byte {
            case UInt8(ascii: "/") where previous == UInt8(ascii: "/"): return false
            case UInt8(ascii: ".") where previous == UInt8(ascii: "/"): return false
            case UInt8(ascii: "%"), UInt8(ascii: "\\"), UInt8(ascii: ";"): return false
            case ...0x20, 0x7F...: return false
            default: previous = byte
            }
        }
        return true
    }

    /// No encoded slash or backslash, and no plain backslash, which some servers take for a slash.
    private static func hasHarmlessEscapes(_ path: ArraySlice<UInt8>) -> Bool {
        if path.contains(UInt8(ascii: "\\")) { return false }
        for position in path.indices where path[position] == UInt8(ascii: "%") && position + 2 < path.endIndex {
            switch (path[position + 1], path[position + 2] | 0x20) {
            case (UInt8(ascii: "2"), UInt8(ascii: "f")), (UInt8(ascii: "5"), UInt8(ascii: "c")): return false
            default: break
            }
        }
        return true
    }

    /// Whether decoding once more would make other segments of it: some servers do.
    private static func isDecodedTwice(_ path: String) -> Bool {
        guard path.utf8.contains(UInt8(ascii: "%")) else { return false }
        let lower = path.lowercased()
        return ["%2f", "%5c", "%2e", "%00", "%25"].contains(where: lower.contains)
    }
}
