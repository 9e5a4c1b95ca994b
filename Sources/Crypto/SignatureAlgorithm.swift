/// How a message becomes a signature. ECDSA signatures are raw r‖s (RFC 7518 §3.4); the digest fixes the curve.
package enum SignatureAlgorithm: Hashable, Sendable {
    /// RSASSA-PKCS1-v1_5.
    case rsaPKCS1(DigestAlgorithm)
    /// RSASSA-PSS with MGF1 of the same digest and a salt of the digest's length.
    case rsaPSS(DigestAlgorithm)
    /// P-256 with SHA-256, P-384 with SHA-384, P-521 with SHA-512.
    case ecdsa(DigestAlgorithm)
    case ed25519

    /// Whether a key of `kind` may be used with this algorithm at all.
    package func accepts(_ kind: KeyKind) -> Bool {
        switch (self, kind) {
        case (.rsaPKCS1, .rsa), (.rsaPSS, .rsa), (.ed25519, .ed25519): true
        case (.ecdsa(.sha256), .elliptic(.p256)), (.ecdsa(.sha384), .elliptic(.p384)),
            (.ecdsa(.sha512), .elliptic(.p521)):
            true
        default: false
        }
    }

    var digest: DigestAlgorithm? {
        switch self {
        case .rsaPKCS1(let digest), .rsaPSS(let digest), .ecdsa(let digest): digest
        case .ed25519: nil
        }
    }
}

/// The two spellings of an ECDSA signature: raw r‖s on the wire, a DER sequence inside OpenSSL and certificates.
enum ECDSASignature {
    static func der(fromRaw raw: [UInt8]) -> [UInt8] {
        let half = raw.count / 2
        return DER.sequence(DER.integer(raw[..<half]), DER.integer(raw[half...]))
    }

    /// `nil` unless `der` is a sequence of two non-negative integers that fit `count` bytes each.
    static func raw(fromDER der: [UInt8], count: Int) -> [UInt8]? {
        var rest = der[...]
        guard rest.popFirst() == 0x30, var length = rest.popFirst() else { return nil }
        if length == 0x81 {
            guard let long = rest.popFirst() else { return nil }
            length = long
        }
        guard Int(length) == rest.count, let r = number(&rest, count), let s = number(&rest, count), rest.isEmpty else {
            return nil
        }
        return r + s
    }

    private static func number(_ rest: inout ArraySlice<UInt8>, _ count: Int) -> [UInt8]? {
        guard rest.popFirst() == 0x02, let length = rest.popFirst(), length < 0x80, rest.count >= Int(length) else {
            return nil
        }
        let digits = rest.prefix(Int(length)).drop { $0 == 0 }
        rest = rest.dropFirst(Int(length))
        guard digits.count <= count else { return nil }
        return [UInt8](repeating: 0, count: count - digits.count) + digits
    }
}
