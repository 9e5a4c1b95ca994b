/// Bytes bound to running statements. Small values are copied here, where SQLite may read them until the statement is
/// released: binding then allocates nothing.
///
/// Executions nest, so the arena is a stack: ``used`` is noted when a statement is leased and restored on its release.
@safe
final class Arena {
    private let memory: UnsafeMutableRawBufferPointer
    var used = 0

    init(capacity: Int) {
        unsafe memory = .allocate(byteCount: capacity, alignment: 8)
    }

    deinit { unsafe memory.deallocate() }

    /// A copy of `bytes`, or `nil` when there is no room left.
    func keep(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer? {
        guard let source = bytes.baseAddress, unsafe bytes.count <= memory.count - used else { return nil }
        return unsafe place(bytes.count) { target in unsafe target.copyMemory(from: source, byteCount: bytes.count) }
    }

    /// Two words in big-endian order.
    func keep(_ high: UInt64, _ low: UInt64) -> UnsafeRawPointer? {
        guard unsafe 16 <= memory.count - used else { return nil }
        return unsafe place(16) { target in
            unsafe target.storeBytes(of: high.bigEndian, as: UInt64.self)
            unsafe target.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
    }

    private func place(_ count: Int, _ fill: (UnsafeMutableRawPointer) -> Void) -> UnsafeRawPointer? {
        guard let base = unsafe memory.baseAddress else { return nil }
        let target = unsafe base + used
        unsafe fill(target)
        used += (count + 7) & ~7
        return UnsafeRawPointer(target)
    }
}
