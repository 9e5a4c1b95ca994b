import Glibc
import Synchronization

/// Random words of the system, fetched 64 at a time: a system call a word was a twentieth of the time of a small write.
///
/// For names. Secrets come from the cryptographic library.
package enum RandomWords {
    private static let pool = Mutex(Pool())

    package static func pair() -> (UInt64, UInt64) { pool.withLock { ($0.next(), $0.next()) } }

    private struct Pool {
        private static let capacity = 64
        private var words = [UInt64](repeating: 0, count: capacity)
        private var left = 0

        mutating func next() -> UInt64 {
            if left == 0 { fill() }
            left -= 1
            defer { words[left] = 0 }
            return words[left]
        }

        private mutating func fill() {
            left = Self.capacity
            // The most that one call gives.
            for start in stride(from: 0, to: Self.capacity, by: 32) {
                let code = words.withUnsafeMutableBytes { bytes in
                    getentropy(UnsafeMutableRawBufferPointer(rebasing: bytes[(start * 8)...]).baseAddress, 256)
                }
                if code == 0 { continue }
                var generator = SystemRandomNumberGenerator()
                for position in start..<start + 32 { words[position] = generator.next() }
            }
        }
    }
}
