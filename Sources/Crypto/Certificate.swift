import Glibc
package import Primitives

/// Self-signed X.509 certificates (RFC 5280): published beside signing keys, and used by development and tests for TLS.
package enum Certificate {
    /// A certificate in PEM, signed with SHA-256 (or with the digest of the key's curve).
    ///
    /// - Parameters:
    ///   - commonName: subject and issuer, at most 64 bytes (RFC 5280 Appendix A.1).
    ///   - dnsNames: names a server with it may have; a leading `*.` is allowed.
    ///   - addresses: IPv4 or IPv6 addresses in text form.
    ///   - isAuthority: whether it may sign others.
    ///   - serial: 16 bytes, for a certificate that comes out alike each time (RSA with PKCS #1 v1.5 and Ed25519 add
    ///     nothing random either); random by default.
    /// - Throws: ``CryptoError/malformedKey`` for a name or address that cannot be encoded.
    package static func selfSigned(
        commonName: String, key: PrivateKey, validFrom: Timestamp, validUntil: Timestamp, dnsNames: [String] = [],
        addresses: [String] = [], isAuthority: Bool = false, serial: [UInt8]? = nil
    ) throws(CryptoError) -> String {
        try issue(
            commonName: commonName, key: key.publicKey, issuer: (commonName, key), validFrom: validFrom,
            validUntil: validUntil, dnsNames: dnsNames, addresses: addresses, isAuthority: isAuthority, serial: serial)
    }

    /// A certificate for `key`, signed by the key of `issuer`, whose common name must be the one in its certificate.
    package static func issue(
        commonName: String, key: PublicKey, issuer: (commonName: String, key: PrivateKey), validFrom: Timestamp,
        validUntil: Timestamp, dnsNames: [String] = [], addresses: [String] = [], isAuthority: Bool = false,
        serial: [UInt8]? = nil
    ) throws(CryptoError) -> String {
        guard let subjectName = name(commonName), let issuerName = name(issuer.commonName),
            let alternatives = alternativeNames(dnsNames, addresses)
        else { throw .malformedKey }
        let (algorithm, identifier) = signature(issuer.key.kind)
        var serial = serial ?? RandomBytes.generate(16)
        guard serial.count == 16 else { throw .malformedKey }
        serial[0] = serial[0] & 0x7F | 0x40
        var extensions = extensionEntry(
            OID.basicConstraints, isCritical: true, isAuthority ? DER.sequence(DER.true) : DER.sequence())
        // digitalSignature, or keyCertSign and cRLSign: bits 0, 5 and 6 counted from the left.
        let usage: [UInt8] = isAuthority ? [0x03, 0x02, 0x01, 0x86] : [0x03, 0x02, 0x07, 0x80]
        extensions += extensionEntry(OID.keyUsage, isCritical: true, usage)
        if !isAuthority, !dnsNames.isEmpty || !addresses.isEmpty {
            extensions += extensionEntry(OID.extendedKeyUsage, isCritical: false, DER.sequence(OID.serverAuth))
        }
        if !alternatives.isEmpty {
            extensions += extensionEntry(OID.subjectAltName, isCritical: false, DER.sequence(alternatives))
        }
        let body = DER.sequence(
            DER.explicit(0, DER.integer([2])), DER.integer(serial), identifier, issuerName,
            DER.sequence(time(validFrom), time(validUntil)), subjectName, key.spki,
            DER.explicit(3, DER.sequence(extensions)))
        let signed = try Signer(issuer.key, algorithm).signDER(body)
        return PEM.encode("CERTIFICATE", DER.sequence(body, identifier, DER.bitString(signed)))
    }

    /// The DER bytes of the first certificate in a PEM text.
    package static func der(pem: String) -> [UInt8]? { PEM.decode("CERTIFICATE", in: pem) }
}

// MARK: - Parts

extension Certificate {
    private static func name(_ commonName: String) -> [UInt8]? {
        guard (1...64).contains(commonName.utf8.count) else { return nil }
        return DER.sequence(DER.set(DER.sequence(OID.commonName, DER.utf8String(commonName))))
    }

    /// UTCTime through 2049, GeneralizedTime afterwards (RFC 5280 §4.1.2.5).
    private static func time(_ instant: Timestamp) -> [UInt8] {
        let civil = CivilTime(seconds: instant.seconds)
        let fields = [civil.month, civil.day, civil.hour, civil.minute, civil.second]
        let digits = fields.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined() + "Z"
        guard (1950..<2050).contains(civil.year) else { return DER.element(0x18, Array("\(civil.year)\(digits)".utf8)) }
        let year = civil.year % 100
        return DER.element(0x17, Array(((year < 10 ? "0" : "") + "\(year)\(digits)").utf8))
    }

    private static func alternativeNames(_ dnsNames: [String], _ addresses: [String]) -> [UInt8]? {
        var names: [UInt8] = []
        for name in dnsNames {
            let isHost = name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "*"):
                    true
                default: false
                }
            }
            guard isHost, (1...253).contains(name.utf8.count) else { return nil }
            names += DER.element(0x82, Array(name.utf8))
        }
        for address in addresses {
            guard let bytes = addressBytes(address) else { return nil }
            names += DER.element(0x87, bytes)
        }
        return names
    }

    private static func addressBytes(_ text: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        if unsafe inet_pton(AF_INET, text, &bytes) == 1 { return Array(bytes.prefix(4)) }
        return unsafe inet_pton(AF_INET6, text, &bytes) == 1 ? bytes : nil
    }

    private static func extensionEntry(_ oid: [UInt8], isCritical: Bool, _ value: [UInt8]) -> [UInt8] {
        DER.sequence(oid, isCritical ? DER.true : [], DER.octetString(value))
    }

    private static func signature(_ kind: KeyKind) -> (SignatureAlgorithm, identifier: [UInt8]) {
        switch kind {
        case .rsa: (.rsaPKCS1(.sha256), DER.sequence(OID.sha256WithRSA, DER.null))
        case .elliptic(.p256): (.ecdsa(.sha256), DER.sequence(OID.ecdsaWithSHA256))
        case .elliptic(.p384): (.ecdsa(.sha384), DER.sequence(OID.ecdsaWithSHA384))
        case .elliptic(.p521): (.ecdsa(.sha512), DER.sequence(OID.ecdsaWithSHA512))
        case .ed25519: (.ed25519, DER.sequence(OID.ed25519))
        }
    }
}
