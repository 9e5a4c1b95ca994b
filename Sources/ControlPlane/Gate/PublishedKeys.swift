import Crypto
import Domain
import JOSE
import JSON
import Primitives
import Store

/// The certs document of accounts, made once and kept while nothing changes, a minute at most: keys end as time passes.
final class PublishedKeys {
    private var documents: [AccountID: (bytes: [UInt8], end: Timestamp)] = [:]
    private static let capacity = 256
    private static let life = Duration.seconds(60)

    func forget() { documents.removeAll() }

    func document(of account: AccountID, _ desk: LoginDesk) throws(Failure) -> [UInt8]? {
        let now = desk.now
        if let known = documents[account], now < known.end { return known.bytes }
        let keys = try desk.reader.verifyingKeys(of: account, at: now)
        guard let current = keys.first(where: { $0.verifiesUntil == nil }), let team = try desk.team(of: account) else {
            return nil
        }
        let bytes = try write(keys, current, host: "\(team.team).\(desk.plane.settings.accessDomain)", desk)
        if documents.count >= Self.capacity { documents.removeAll() }
        documents[account] = (bytes, now + Self.life)
        return bytes
    }

    private func write(
        _ keys: [SigningKey], _ current: SigningKey, host: String, _ desk: LoginDesk
    ) throws(Failure) -> [UInt8] {
        let certificates = try keys.map { key throws(Failure) in
            (key.id, try desk.plane.certificate(of: key, host: host, in: desk.reader))
        }
        var writer = JSONWriter(reserving: 8192)
        writer.beginObject()
        writer.key("keys")
        do throws(CryptoError) {
            try JWKSet(
                keys.compactMap { key in
                    guard let publicKey = try? PublicKey(spki: key.publicDER) else { return nil }
                    return JWK(publicKey, keyID: key.id.hex, algorithm: .rs256)
                }
            ).writeKeys(to: &writer)
        } catch { throw .inconsistent("a public key cannot be written: \(error)") }
        for (id, certificate) in certificates where id == current.id {
            writer.key("public_cert")
            Self.write(id, certificate, to: &writer)
        }
        writer.key("public_certs")
        writer.beginArray()
        for (id, certificate) in certificates { Self.write(id, certificate, to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private static func write(_ id: SigningKeyID, _ certificate: String, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("kid", id.hex)
        writer.member("cert", certificate)
        writer.endObject()
    }
}
