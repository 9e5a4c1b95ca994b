/// Where an application answers: a host with an optional path, both of which may hold `*`.
///
/// Canonical: the host in lowercase, no path instead of `/`. Two spellings of one place are one value.
package struct PublicDestination: Hashable, Sendable {
    package let host: String
    /// Empty, or begins with `/`.
    package let path: String

    package init(host: String, path: String) {
        self.host = host
        self.path = path
    }

    /// Reads `host[/path]`: no scheme, port, query or fragment. `*` stands for a whole leftmost label or for a part of
    /// one label (contract 10 §8).
    package init?(_ text: some StringProtocol) {
        var bytes = Array(text.utf8)
        let slash = bytes.firstIndex(of: UInt8(ascii: "/")) ?? bytes.count
        for position in 0..<slash where bytes[position] >= UInt8(ascii: "A") && bytes[position] <= UInt8(ascii: "Z") {
            bytes[position] |= 0x20
        }
        let (host, path) = (bytes[..<slash], bytes[slash...])
        guard Self.isHost(host), path.count <= 2048, path.allSatisfy(Self.isPathByte) else { return nil }
        self.host = String(decoding: host, as: UTF8.self)
        self.path = path.count == 1 ? "" : String(decoding: path, as: UTF8.self)
    }

    package var text: String { host + path }

    private static func isHost(_ host: ArraySlice<UInt8>) -> Bool {
        guard !host.isEmpty, host.count <= 253 else { return false }
        var wildcards = 0
        var start = host.startIndex
        while true {
            let end = host[start...].firstIndex(of: UInt8(ascii: ".")) ?? host.endIndex
            let label = host[start..<end]
            guard !label.isEmpty, label.count <= 63, label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-"),
                label.allSatisfy(isHostByte)
            else { return false }
            let stars = label.count { $0 == UInt8(ascii: "*") }
            if stars > 0, label.count == 1, start > host.startIndex { return false }
            wildcards += stars
            if end == host.endIndex { break }
            start = end + 1
        }
        // A host that is nothing but a wildcard would claim every name there is.
        return wildcards <= 1 && !host.elementsEqual([UInt8(ascii: "*")])
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "*"):
            true
        default: false
        }
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "?") && byte != UInt8(ascii: "#")
            && byte != UInt8(ascii: "\\")
    }
}
