import Primitives

/// Names of hosts and addresses as the resources of the API hold them (contract 10 §8).
extension StringProtocol {
    /// LDH labels of at most 63 bytes, at most 253 bytes in all, lowercase.
    package var isHostName: Bool {
        guard !isEmpty, utf8.count <= 253 else { return false }
        return split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.utf8.count <= 63 && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy(\.isLowercaseLDH)
        }
    }

    /// Absolute, https or http to a loopback host, no userinfo, no fragment, at most 2048 bytes.
    package var isSecureURL: Bool {
        guard utf8.count <= 2048, utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !contains("#"), !contains("\\") else {
            return false
        }
        let secure = lowercased().hasPrefix("https://")
        guard secure || lowercased().hasPrefix("http://") else { return false }
        let authority = dropFirst(secure ? 8 : 7).prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@") else { return false }
        let host: String
        let rest: Substring
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { return false }
            host = String(authority[authority.index(after: authority.startIndex)..<end])
            rest = Substring(authority[authority.index(after: end)...])
            guard host.contains(":"), CIDR(host) != nil else { return false }
        } else {
            host = authority.prefix { $0 != ":" }.lowercased()
            rest = Substring(authority.dropFirst(host.count))
            guard host.isHostName else { return false }
        }
        if !rest.isEmpty {
            guard rest.first == ":", let port = UInt16(rest.dropFirst()), port > 0 else { return false }
        }
        return secure || host.isLoopbackHost
    }

    /// `localhost`, a name below it, or a loopback address.
    package var isLoopbackHost: Bool {
        self == "localhost" || hasSuffix(".localhost") || self == "::1"
            || hasPrefix("127.") && CIDR(String(self)) != nil
    }
}

extension UInt8 {
    package var isLowercaseLDH: Bool {
        self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z") || self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9")
            || self == UInt8(ascii: "-")
    }
}
