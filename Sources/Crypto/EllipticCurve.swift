/// The NIST prime curves that signatures use (FIPS 186-4 §D.1.2).
package enum EllipticCurve: Hashable, Sendable, CaseIterable {
    case p256, p384, p521

    /// Bytes of one coordinate, and of each half of a raw signature.
    package var coordinateByteCount: Int {
        switch self {
        case .p256: 32
        case .p384: 48
        case .p521: 66
        }
    }

    var oid: [UInt8] {
        switch self {
        case .p256: OID.p256
        case .p384: OID.p384
        case .p521: OID.p521
        }
    }

    /// OpenSSL's name of the group, which also names it in keys it has read.
    var groupName: String {
        switch self {
        case .p256: "prime256v1"
        case .p384: "secp384r1"
        case .p521: "secp521r1"
        }
    }
}
