package import Crypto
package import JSON

/// Why a document is no key set. Problems of single keys are counted instead.
package enum JWKSetError: Error, Equatable {
    case notJSON(JSONError)
    /// No object with an array `keys`.
    case noKeys
    case tooManyKeys
}

/// The public keys an issuer verifies with (RFC 7517 §5).
package struct JWKSet: Sendable {
    package static let maximumCount = 100

    package let keys: [JWK]
    /// Entries that could not be read, which are skipped rather than fatal.
    package let skipped: Int

    package init(_ keys: [JWK]) {
        self.keys = keys
        skipped = 0
    }

    package static func parse(_ bytes: [UInt8]) throws(JWKSetError) -> JWKSet {
        do {
            return try JWKSet(JSONParser.parse(bytes))
        } catch let error as JWKSetError {
            throw error
        } catch let error as JSONError {
            throw .notJSON(error)
        } catch {
            throw .noKeys
        }
    }

    package init(_ document: JSONValue) throws(JWKSetError) {
        guard let entries = document["keys"]?.arrayValue else { throw .noKeys }
        guard entries.count <= Self.maximumCount else { throw .tooManyKeys }
        keys = entries.compactMap { JWK($0) }
        skipped = entries.count - keys.count
    }
}

// MARK: - Selection

/// The one key that may have signed a token.
package enum KeySelection: Sendable {
    case key(JWK)
    /// None, or no single one.
    case unknown
    /// The token names a key that must not be used.
    case unusable(KeyProblem)
}

extension JWKSet {
    /// With a `kid` exactly the key of that name; without one, the only key that fits `algorithm`. Keys that share both
    /// name and type are all ignored, since either could have been slipped in.
    package func select(keyID: String?, for algorithm: JWSAlgorithm) -> KeySelection {
        let candidates: [JWK]
        if let keyID {
            let named = keys.filter { $0.keyID?.hasSameBytes(as: keyID) ?? false }
            let fitting = named.filter { $0.keyType == algorithm.keyType }
            candidates = fitting.isEmpty ? named : fitting
        } else {
            candidates = keys.filter { key in
                guard key.declaredProblem(for: algorithm) == nil, !isShadowed(key) else { return false }
                guard let publicKey = key.publicKey else { return true }
                return algorithm.signature.accepts(publicKey.kind)
            }
        }
        guard let key = candidates.first, candidates.count == 1 else { return .unknown }
        return key.problem(for: algorithm).map(KeySelection.unusable) ?? .key(key)
    }

    private func isShadowed(_ key: JWK) -> Bool {
        guard let keyID = key.keyID else { return false }
        return keys.count { $0.keyType == key.keyType && $0.keyID?.hasSameBytes(as: keyID) ?? false } > 1
    }
}

// MARK: - Writing

extension JWKSet {
    /// Appends the array of keys; the member name is the caller's.
    package func writeKeys(to writer: inout JSONWriter) throws(CryptoError) {
        writer.beginArray()
        for key in keys { try key.write(to: &writer) }
        writer.endArray()
    }

    /// The whole document.
    package func serialized() throws(CryptoError) -> [UInt8] {
        var writer = JSONWriter(reserving: 512 * (keys.count + 1))
        writer.beginObject()
        writer.key("keys")
        try writeKeys(to: &writer)
        writer.endObject()
        return writer.bytes
    }
}
