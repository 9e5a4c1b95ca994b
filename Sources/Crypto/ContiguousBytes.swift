extension Collection<UInt8> {
    /// The bytes as one stretch of memory, copied only when the collection has none.
    @inlinable
    func withContiguousBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = withContiguousStorageIfAvailable({ unsafe body($0) }) { return result }
        return unsafe Array(self).withUnsafeBufferPointer { unsafe body($0) }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// A base that is never null, because OpenSSL reads a null pointer as "not given" even for a length of zero.
    var pointer: UnsafePointer<UInt8> { unsafe baseAddress ?? emptyBase }
}

/// An address for empty buffers; no byte is ever read from it.
nonisolated(unsafe) private let emptyBase: UnsafePointer<UInt8> = {
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
    unsafe memory.initialize(to: 0)
    return unsafe UnsafePointer(memory)
}()
