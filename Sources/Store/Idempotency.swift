package import Primitives
import SQLite

/// An answer that was given under an `Idempotency-Key`.
package struct KeptAnswer: Sendable {
    package let bodyDigest: [UInt8]
    package let status: Int
    package let etag: String?
    package let location: String?
    package let sealedBody: [UInt8]

    package init(bodyDigest: [UInt8], status: Int, etag: String?, location: String?, sealedBody: [UInt8]) {
        self.bodyDigest = bodyDigest
        self.status = status
        self.etag = etag
        self.location = location
        self.sealedBody = sealedBody
    }
}

extension Reading {
    package func keptAnswer(_ digest: [UInt8]) throws(Failure) -> KeptAnswer? {
        try value(
            "SELECT body_digest, status, etag, location, sealed_body FROM idempotency_keys WHERE digest = ?", digest
        ) { (row) throws(SQLiteError) in
            KeptAnswer(
                bodyDigest: try row.blob(0), status: try row.int(1), etag: row.optionalText(2),
                location: row.optionalText(3), sealedBody: try row.blob(4))
        }
    }
}

extension WriteTransaction {
    package func keep(_ answer: KeptAnswer, digest: [UInt8], at now: Timestamp) throws(Failure) {
        // Old answers go as new ones come, so that no sweep is needed.
        try execute(
            """
            DELETE FROM idempotency_keys WHERE digest IN
                (SELECT digest FROM idempotency_keys WHERE created_at < ? ORDER BY created_at LIMIT 4)
            """, now - .seconds(24 * 3600))
        try execute(
            """
            INSERT INTO idempotency_keys (digest, body_digest, status, etag, location, sealed_body, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            digest, answer.bodyDigest, answer.status, answer.etag, answer.location, answer.sealedBody, now)
    }
}
