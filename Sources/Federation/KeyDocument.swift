package import Crypto
import HTTP
package import JOSE

/// A key set as it was found, with what was found on the way.
package struct KeyDocument: Sendable {
    package internal(set) var keys: JWKSet
    /// Tells whether a later document is the same.
    package let digest: Digest32
    package let url: String
    /// How long it says that it stays fresh, within bounds.
    package let lifetime: Duration
    /// The discovery document that led to the keys, or that told the issuer.
    package let discovery: Discovery?
}

extension KeyDocument {
    /// Asks for discovery, where the source needs it, and for the keys.
    package static func load(
        _ source: KeySource, with fetcher: any Fetcher
    ) async throws(FetchFailure) -> KeyDocument {
        switch source.location {
        case .discovery:
            guard let issuer = source.issuer else { throw FetchFailure("the configuration does not tell the issuer") }
            let discovery = try await Self.discovery(naming: [issuer], with: fetcher)
            return try await keySet(at: discovery.keySetURL, discovery, with: fetcher)
        case .keySet(let url):
            var discovery: Discovery?
            if let origin = source.learnsIssuerFrom {
                // Only a chance to learn the issuer: the keys are where the configuration says.
                do throws(FetchFailure) {
                    discovery = try await Self.discovery(naming: [origin, origin + "/"], with: fetcher)
                } catch {}
            }
            return try await keySet(at: url, discovery, with: fetcher)
        }
    }

    private static func discovery(
        naming issuers: [String], with fetcher: any Fetcher
    ) async throws(FetchFailure) -> Discovery {
        try Discovery(try await document(at: Discovery.url(of: issuers[0]), with: fetcher).body, naming: issuers)
    }

    private static func keySet(
        at url: String, _ discovery: Discovery?, with fetcher: any Fetcher
    ) async throws(FetchFailure) -> KeyDocument {
        let document = try await document(at: url, with: fetcher)
        let keys: JWKSet
        do throws(JWKSetError) {
            keys = try JWKSet.parse(document.body)
        } catch {
            switch error {
            case .notJSON: throw FetchFailure("the key set is not JSON")
            case .noKeys: throw FetchFailure("the key set has no array of keys")
            case .tooManyKeys: throw FetchFailure("the key set has more than \(JWKSet.maximumCount) keys")
            }
        }
        guard !keys.keys.isEmpty else { throw FetchFailure("the key set has no key that can be read") }
        return KeyDocument(
            keys: keys, digest: SHA256.hash(document.body), url: url, lifetime: CacheLifetime.of(document.fields),
            discovery: discovery)
    }

    private static func document(
        at text: String, with fetcher: any Fetcher
    ) async throws(FetchFailure) -> FetchedDocument {
        guard let url = WebAddress(text), url.isAcceptable else {
            throw FetchFailure("the address must be an https URL, or http on loopback")
        }
        let document = try await fetcher.fetch(url)
        guard document.status == 200 else {
            throw FetchFailure("\(url.origin) answered with status \(document.status)")
        }
        guard document.body.count <= FetchRules.bodyLimit else { throw FetchFailure("the document is too large") }
        return document
    }
}

/// A key as a person wants to see it listed.
package struct FoundKey: Sendable, Equatable {
    package let keyID: String?
    package let keyType: String
    package let algorithm: String?
    package let use: String?
}

extension KeyDocument {
    package var found: [FoundKey] {
        keys.keys.map {
            FoundKey(keyID: $0.keyID, keyType: $0.keyType.rawValue, algorithm: $0.algorithmName, use: $0.use)
        }
    }

    /// Keys that could not be read.
    package var skipped: Int { keys.skipped }
}
