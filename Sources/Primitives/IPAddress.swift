/// An IPv4 or IPv6 address. An IPv4 address mapped into IPv6 (`::ffff:192.0.2.1`, RFC 4291 §2.5.5.2) is the IPv4 address,
/// so that a peer has one identity whichever socket it arrived on.
package struct IPAddress: Hashable, Sendable {
    package enum Family: UInt8, Hashable, Sendable {
        case v4 = 4
        case v6 = 6
    }

    package let family: Family
    /// The upper 64 bits of an IPv6 address; 0 for IPv4.
    package let high: UInt64
    /// The lower 64 bits of an IPv6 address, or the 32 bits of an IPv4 address.
    package let low: UInt64

    package init(v4 value: UInt32) {
        family = .v4
        high = 0
        low = UInt64(value)
    }

    package init(high: UInt64, low: UInt64) {
        if high == 0, low >> 32 == 0xFFFF {
            self.init(v4: UInt32(truncatingIfNeeded: low))
        } else {
            self.init(family: .v6, high: high, low: low)
        }
    }

    private init(family: Family, high: UInt64, low: UInt64) {
        self.family = family
        self.high = high
        self.low = low
    }

    /// Reads 4 or 16 bytes in network order.
    package init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: self.init(v4: bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16:
            let high = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let low = bytes.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            self.init(high: high, low: low)
        default: return nil
        }
    }

    /// 4 or 16 bytes in network order.
    package var bytes: [UInt8] {
        switch family {
        case .v4: (0..<4).map { UInt8(truncatingIfNeeded: low >> UInt64(24 - $0 * 8)) }
        case .v6: (0..<16).map { UInt8(truncatingIfNeeded: ($0 < 8 ? high : low) >> UInt64(56 - $0 % 8 * 8)) }
        }
    }

    /// 32 or 128.
    package var bitWidth: Int { family == .v4 ? 32 : 128 }

    package static let loopbackV4 = IPAddress(v4: 0x7F00_0001)
    package static let loopbackV6 = IPAddress(high: 0, low: 1)
    package static let anyV4 = IPAddress(v4: 0)
    package static let anyV6 = IPAddress(high: 0, low: 0)

    /// 127.0.0.0/8 or `::1`.
    package var isLoopback: Bool { family == .v4 ? low >> 24 == 127 : self == .loopbackV6 }
}

// MARK: Text

extension IPAddress: CustomStringConvertible {
    /// Reads the dotted form of IPv4 (four decimals without leading zeros) or any form of RFC 4291 §2.2, without brackets
    /// or zone.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        if bytes.contains(UInt8(ascii: ":")) {
            guard let words = Self.wordsV6(bytes[...]) else { return nil }
            self.init(high: words.high, low: words.low)
        } else {
            guard let value = Self.valueV4(bytes[...]) else { return nil }
            self.init(v4: value)
        }
    }

    /// Dotted decimal, or the canonical form of RFC 5952.
    package var text: String {
        if family == .v4 { return "\(low >> 24 & 255).\(low >> 16 & 255).\(low >> 8 & 255).\(low & 255)" }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: ($0 < 4 ? high : low) >> UInt64(48 - $0 % 4 * 16)) }
        // The first longest run of at least two zero groups is written as "::".
        var run = 0..<0
        var start = 0
        while start < 8 {
            guard groups[start] == 0 else {
                start += 1
                continue
            }
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > run.count, end - start > 1 { run = start..<end }
            start = end
        }
        func joined(_ part: ArraySlice<UInt16>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        if run.isEmpty { return joined(groups[...]) }
        return joined(groups[..<run.lowerBound]) + "::" + joined(groups[run.upperBound...])
    }

    package var description: String { text }

    private static func valueV4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.first != UInt8(ascii: "0") || part.count == 1 else { return nil }
            var number: UInt32 = 0
            for digit in part {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
                number = number * 10 + UInt32(digit - UInt8(ascii: "0"))
            }
            guard number < 256 else { return nil }
            value = value << 8 | number
        }
        return value
    }

    private static func wordsV6(_ bytes: ArraySlice<UInt8>) -> (high: UInt64, low: UInt64)? {
        let colon = UInt8(ascii: ":")
        var gap: Int?
        for position in bytes.indices.dropLast() where bytes[position] == colon && bytes[position + 1] == colon {
            guard gap == nil else { return nil }
            gap = position
        }
        let groups: [UInt16]
        if let gap {
            guard let head = groupList(bytes[..<gap], isEnd: false), let tail = groupList(bytes[(gap + 2)...]),
                head.count + tail.count <= 7
            else { return nil }
            groups = head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
        } else {
            guard let all = groupList(bytes), all.count == 8 else { return nil }
            groups = all
        }
        return (
            groups.prefix(4).reduce(0) { $0 << 16 | UInt64($1) }, groups.suffix(4).reduce(0) { $0 << 16 | UInt64($1) }
        )
    }

    /// Groups separated by single colons; the last of an address may be dotted IPv4.
    private static func groupList(_ bytes: ArraySlice<UInt8>, isEnd: Bool = true) -> [UInt16]? {
        guard !bytes.isEmpty else { return [] }
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count <= 8 else { return nil }
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if isEnd, index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let value = valueV4(part) else { return nil }
                groups += [UInt16(value >> 16), UInt16(truncatingIfNeeded: value)]
            } else {
                guard (1...4).contains(part.count), part.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                    let group = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups
    }
}

/// A network: an address and the number of leading bits that count. Host bits are cleared.
package struct CIDR: Hashable, Sendable, CustomStringConvertible {
    package let base: IPAddress
    package let prefixLength: Int

    /// `nil` when the length does not fit the family.
    package init?(_ address: IPAddress, prefixLength: Int) {
        guard (0...address.bitWidth).contains(prefixLength) else { return nil }
        base = Self.masked(address, prefixLength)
        self.prefixLength = prefixLength
    }

    /// Reads `10.0.0.0/8` or `2001:db8::/32`; a bare address means /32 or /128.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2, let address = IPAddress(first) else { return nil }
        guard parts.count == 2 else {
            self.init(address, prefixLength: address.bitWidth)
            return
        }
        let digits = parts[1].utf8
        guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.first != 0x30 || digits.count == 1, var length = Int(parts[1])
        else { return nil }
        // "::ffff:10.0.0.0/104" names an IPv4 network in IPv6 spelling.
        if address.family == .v4, first.utf8.contains(0x3A) { length -= 96 }
        self.init(address, prefixLength: length)
    }

    package func contains(_ address: IPAddress) -> Bool {
        address.family == base.family && Self.masked(address, prefixLength) == base
    }

    package var description: String { "\(base.text)/\(prefixLength)" }

    private static func masked(_ address: IPAddress, _ length: Int) -> IPAddress {
        switch address.family {
        case .v4:
            return IPAddress(
                v4: UInt32(truncatingIfNeeded: address.low) & (length == 0 ? 0 : ~0 << UInt32(32 - length)))
        case .v6:
            let high = length >= 64 ? address.high : length == 0 ? 0 : address.high & ~0 << UInt64(64 - length)
            let low = length <= 64 ? 0 : address.low & ~0 << UInt64(128 - length)
            return IPAddress(high: high, low: low)
        }
    }
}
