import CLinux
import Glibc

/// A failed system call.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The value of `errno`.
    package let code: CInt

    package init(code: CInt) { self.code = code }

    package var description: String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }

    package static let addressInUse = SystemError(code: EADDRINUSE)
    package static let permissionDenied = SystemError(code: EACCES)
}

/// Turns the `-errno` convention of the shims into a value or a thrown error.
func checked(_ result: CInt) throws(SystemError) -> CInt {
    guard result >= 0 else { throw SystemError(code: -result) }
    return result
}

/// What a non-blocking transfer did.
package enum Transfer: Equatable, Sendable {
    /// That many bytes; a read of 0 bytes is the end of the stream.
    case moved(Int)
    /// Nothing now: wait for the next edge.
    case wouldBlock
    case failed(SystemError)

    @inlinable
    init(_ result: Int) {
        if result >= 0 {
            self = .moved(result)
        } else if result == -Int(EAGAIN) {
            self = .wouldBlock
        } else {
            self = .failed(SystemError(code: CInt(-result)))
        }
    }
}

/// The limit of open descriptors, which caps connections.
package enum DescriptorLimit {
    /// Raises the soft limit to the hard limit and returns it; `nil` when the system refuses.
    @discardableResult
    package static func raise() -> Int? {
        let limit = clinux_raise_descriptor_limit()
        return limit < 0 ? nil : Int(limit)
    }
}
