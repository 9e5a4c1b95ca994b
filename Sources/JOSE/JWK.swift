package import Crypto
package import JSON
import Primitives

/// One public key of a set (RFC 7517 §4), with what its owner says about its use.
package struct JWK: Sendable {
    package enum KeyType: String, Hashable, Sendable {
        case rsa = "RSA"
        case elliptic = "EC"
        case octetKeyPair = "OKP"
        /// A shared secret. Kept so that a `kid` that names one is known, never used.
        case octets = "oct"
    }

    package enum Material: Sendable {
        case key(PublicKey)
        /// Understood and refused: RSA length or exponent, wrong curve, point off its curve.
        case weak
        case symmetric
    }

    package let keyType: KeyType
    package let material: Material
    /// `kid`
    package let keyID: String?
    /// `use`
    package let use: String?
    /// `key_ops`
    package let operations: [String]?
    /// `alg`
    package let algorithmName: String?

    /// Our own key, for publication: `use` is `sig`.
    package init(_ key: PublicKey, keyID: String?, algorithm: JWSAlgorithm) {
        keyType = algorithm.keyType
        material = .key(key)
        self.keyID = keyID
        use = "sig"
        operations = nil
        algorithmName = algorithm.rawValue
    }

    package var publicKey: PublicKey? { if case .key(let key) = material { key } else { nil } }
}

// MARK: - Reading

extension JWK {
    /// `nil` for a key that cannot be read: an unknown `kty`, a missing or mistyped member, coordinates of another length
    /// than the curve's. Private members are never looked at.
    package init?(_ value: JSONValue) {
        guard case .object(let object) = value,
            let keyType = object["kty"]?.stringValue.flatMap(KeyType.init(rawValue:)),
            let material = Self.material(keyType, object)
        else { return nil }
        do throws(JOSEError) {
            keyID = try object.text("kid")
            use = try object.text("use")
            algorithmName = try object.text("alg")
            operations = try Self.operations(object["key_ops"])
        } catch {
            return nil
        }
        self.keyType = keyType
        self.material = material
    }

    private static func material(_ keyType: KeyType, _ object: JSONObject) -> Material? {
        do throws(CryptoError) {
            switch keyType {
            case .rsa:
                guard let modulus = bytes(object["n"]), let exponent = bytes(object["e"]) else { return nil }
                return .key(try PublicKey(rsaModulus: modulus, exponent: exponent))
            case .elliptic:
                guard let name = object["crv"]?.stringValue, let x = bytes(object["x"]), let y = bytes(object["y"])
                else { return nil }
                guard let curve = EllipticCurve(joseName: name) else { return .weak }
                return .key(try PublicKey(curve: curve, x: x, y: y))
            case .octetKeyPair:
                guard let name = object["crv"]?.stringValue, let x = bytes(object["x"]) else { return nil }
                return name == "Ed25519" ? .key(try PublicKey(ed25519: x)) : .weak
            case .octets: return .symmetric
            }
        } catch {
            return error == .weakKey ? .weak : nil
        }
    }

    private static func bytes(_ value: JSONValue?) -> [UInt8]? {
        guard let digits = value?.stringValue, !digits.isEmpty else { return nil }
        return Base64URL.decode(Array(digits.utf8).span)
    }

    private static func operations(_ value: JSONValue?) throws(JOSEError) -> [String]? {
        guard let value else { return nil }
        guard let elements = value.arrayValue else { throw .malformed }
        let names = elements.compactMap(\.stringValue)
        guard names.count == elements.count else { throw .malformed }
        return names
    }
}

extension EllipticCurve {
    /// The names of RFC 7518 §6.2.1.1.
    init?(joseName: String) {
        switch joseName {
        case "P-256": self = .p256
        case "P-384": self = .p384
        case "P-521": self = .p521
        default: return nil
        }
    }

    var joseName: String {
        switch self {
        case .p256: "P-256"
        case .p384: "P-384"
        case .p521: "P-521"
        }
    }
}
