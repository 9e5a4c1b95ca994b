import CLinux
import Glibc

/// An open file descriptor, closed once: by `close()` or when the value is dropped.
package struct Descriptor: ~Copyable {
    /// -1 after `close()`.
    package private(set) var number: CInt

    /// Takes ownership of `number`.
    package init(owning number: CInt) { self.number = number }

    deinit { if number >= 0 { _ = Glibc.close(number) } }

    /// Gives the number up without closing it.
    package consuming func release() -> CInt {
        let number = self.number
        discard self
        return number
    }

    package var isOpen: Bool { number >= 0 }

    package mutating func close() {
        guard number >= 0 else { return }
        _ = Glibc.close(number)
        number = -1
    }

    /// Reads what a socket holds now.
    package func receive(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        unsafe Transfer(clinux_receive(number, buffer.baseAddress, buffer.count))
    }

    /// Sends what a socket takes now.
    package func send(_ bytes: UnsafeRawBufferPointer) -> Transfer {
        unsafe Transfer(clinux_send(number, bytes.baseAddress, bytes.count))
    }

    /// Sends two ranges with one system call.
    package func send(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Transfer {
        unsafe Transfer(clinux_send_pair(number, first.baseAddress, first.count, second.baseAddress, second.count))
    }

    /// Ends the outgoing half of a stream; the peer reads the end of the stream after everything sent so far.
    package func finishSending() { _ = clinux_shutdown_write(number) }

    /// Sends small segments at once (no Nagle delay).
    package func disableDelay() { _ = clinux_no_delay(number) }
}
