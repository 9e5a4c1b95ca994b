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
        let slash = text.firstIndex(of: "/") ?? text.endIndex
        let host = text[..<slash].lowercased()
        let path = text[slash...]
        guard Self.isHost(host), path.utf8.count <= 2048, path.utf8.allSatisfy(Self.isPathByte) else { return nil }
        self.host = host
        self.path = path == "/" ? "" : String(path)
    }

    package var text: String { host + path }

    private static func isHost(_ host: String) -> Bool {
        guard !host.isEmpty, host.utf8.count <= 253 else { return false }
        let labels = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        var wildcards = 0
        for (position, label) in labels.enumerated() {
            guard !label.isEmpty, label.count <= 63, label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-"),
                label.allSatisfy(isHostByte)
            else { return false }
            let stars = label.count { $0 == UInt8(ascii: "*") }
            if stars > 0, label.count == 1, position > 0 { return false }
            wildcards += stars
        }
        // A host that is nothing but a wildcard would claim every name there is.
        return wildcards <= 1 && host != "*"
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
