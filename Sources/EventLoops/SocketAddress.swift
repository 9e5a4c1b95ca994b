import CLinux
package import Primitives

/// Where a TCP socket listens or connects: an IP address and a port.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    package let ip: IPAddress
    package let port: UInt16
    /// The interface of an IPv6 link-local address, otherwise 0.
    package let scope: UInt32

    package init(ip: IPAddress, port: UInt16, scope: UInt32 = 0) {
        self.ip = ip
        self.port = port
        self.scope = scope
    }

    /// Reads `127.0.0.1:8787` or `[::1]:8787`. Host names are not resolved.
    package init?(_ text: some StringProtocol) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits) else {
            return nil
        }
        var host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard let ip = IPAddress(host), isBracketed == host.contains(":") else { return nil }
        self.init(ip: ip, port: port)
    }

    /// The address without port and brackets.
    package var ipText: String { ip.text }

    /// `127.0.0.1:8787`, `[::1]:8787`.
    package var description: String { ip.family == .v4 ? "\(ip.text):\(port)" : "[\(ip.text)]:\(port)" }

    init?(_ address: clinux_address) {
        switch address.family {
        case 4: self.init(ip: IPAddress(v4: UInt32(truncatingIfNeeded: address.low)), port: address.port)
        case 6:
            self.init(ip: IPAddress(high: address.high, low: address.low), port: address.port, scope: address.scope)
        default: return nil
        }
    }

    var raw: clinux_address {
        clinux_address(high: ip.high, low: ip.low, scope: scope, port: port, family: ip.family.rawValue)
    }
}
