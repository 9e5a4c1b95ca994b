import ControlPlane
import Crypto
import Domain
import Primitives
import Store

/// Credentials that this loop has seen and found good, with the rights worked out so far.
///
/// Holds for one generation of the credentials counter: any change to tokens, members, accounts or organizations empties
/// it, so a revocation counts from the next request on. Failures are never remembered. Belongs to one loop.
final class CredentialCache {
    struct Entry {
        let credential: TokenCredential
        /// For an ID token: who it names and how long that may be believed.
        var person: PersonalCredential?
        var accounts: [AccountID: (rights: PermissionSet, hasZeroTrust: Bool)] = [:]
        /// When `last_used_on` was last written, so that it is written once a minute at most.
        var noted: Timestamp?
    }

    private var entries: [Digest32: Entry] = [:]
    private var generation: UInt64 = .max
    private let capacity = 4096

    /// Forgets everything when the counter has moved.
    func hold(for generation: UInt64) {
        guard generation != self.generation else { return }
        entries.removeAll(keepingCapacity: true)
        self.generation = generation
    }

    subscript(digest: Digest32) -> Entry? {
        get { entries[digest] }
        set {
            if entries.count >= capacity, entries[digest] == nil { entries.removeAll(keepingCapacity: true) }
            entries[digest] = newValue
        }
    }
}
