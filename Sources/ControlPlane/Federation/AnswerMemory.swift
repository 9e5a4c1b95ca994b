import Crypto
import Domain
import Primitives

/// Answers about tokens that were found good, by the SHA-256 of the request's body: a client that shows a token again
/// with the same expectations is answered without a look at it.
///
/// An answer is kept while all that it was built on stands: what the account believes (see ``TokenDesk/begin(_:)``), the
/// keys, and the time. Belongs to one loop.
package final class AnswerMemory {
    private struct Slot {
        let digest: Digest32
        let account: AccountID
        let revision: UInt64
        let until: Timestamp
        let body: [UInt8]
    }

    private var slots: [Slot?] = []
    private static let capacity = 1024
    private static let largestBody = 4096

    func forget() { slots = [] }

    func answer(to digest: Digest32, for account: AccountID, revision: UInt64, at now: Timestamp) -> [UInt8]? {
        guard !slots.isEmpty, let slot = slots[Self.place(digest)], slot.digest == digest, slot.account == account,
            slot.revision == revision, now < slot.until
        else { return nil }
        return slot.body
    }

    func keep(
        _ body: [UInt8], to digest: Digest32, for account: AccountID, revision: UInt64, until: Timestamp
    ) {
        guard body.count <= Self.largestBody else { return }
        if slots.isEmpty { slots = Array(repeating: nil, count: Self.capacity) }
        slots[Self.place(digest)] = Slot(
            digest: digest, account: account, revision: revision, until: until, body: body)
    }

    private static func place(_ digest: Digest32) -> Int { Int(digest.words.3 % UInt64(capacity)) }
}
