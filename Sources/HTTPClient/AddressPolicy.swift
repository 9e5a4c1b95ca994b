package import Primitives

/// Which addresses may be connected to: the defence against requests that are forged to reach the inside of a network
/// through us. Applied to resolved addresses, so that no spelling of a host name gets around it.
package enum AddressPolicy: Hashable, Sendable {
    case any
    /// Addresses that are routed on the public Internet, and the listed networks.
    case publicOnly(allowing: [CIDR])

    package static let publicOnly = AddressPolicy.publicOnly(allowing: [])

    package func allows(_ address: IPAddress) -> Bool {
        switch self {
        case .any:
            return true
        case .publicOnly(let allowed):
            if allowed.contains(where: { $0.contains(address) }) { return true }
            if let embedded = Self.translated(address) {
                // The translator connects to the IPv4 address, so that is the one to judge.
                return allowed.contains { $0.contains(embedded) } || Self.isPublic(embedded)
            }
            return Self.isPublic(address)
        }
    }

    /// The IPv4 address behind the well-known NAT64 prefix (RFC 6052 §2.1). A mapped address is IPv4 already.
    private static func translated(_ address: IPAddress) -> IPAddress? {
        guard address.family == .v6, address.high == 0x0064_FF9B_0000_0000, address.low >> 32 == 0 else { return nil }
        return IPAddress(v4: UInt32(truncatingIfNeeded: address.low))
    }

    private static func isPublic(_ address: IPAddress) -> Bool {
        switch address.family {
        case .v4: !special.contains { $0.contains(address) }
        // Everything outside global unicast is special: loopback, unspecified, IPv4-compatible, unique local, link-local,
        // site-local, multicast, discard and whatever comes next.
        case .v6: address.high >> 61 == 0b001 && !special.contains { $0.contains(address) }
        }
    }

    /// The IANA special-purpose registries (RFC 6890 and updates), multicast and the reserved class E.
    private static let special: [CIDR] = [
        "0.0.0.0/8",  // this host on this network
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",  // private
        "100.64.0.0/10",  // carrier-grade NAT
        "127.0.0.0/8",  // loopback
        "169.254.0.0/16",  // link-local, where clouds keep their metadata
        "192.0.0.0/24",  // protocol assignments
        "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",  // documentation
        "192.88.99.0/24",  // 6to4 relays
        "198.18.0.0/15",  // benchmarks
        "224.0.0.0/4",  // multicast
        "240.0.0.0/4",  // reserved, and broadcast
        "2001::/23",  // protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32", "3fff::/20",  // documentation
        "2002::/16",  // 6to4, which would carry any IPv4 address
    ].compactMap { CIDR($0) }
}
