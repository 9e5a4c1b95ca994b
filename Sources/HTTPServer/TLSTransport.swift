import Crypto

/// The TLS side of one connection: ciphertext in, plaintext out, and the reverse.
final class TLSTransport {
    enum Event: Equatable {
        /// Everything received is decrypted; more ciphertext is needed.
        case waiting
        /// The peer said in TLS that it will send nothing more.
        case closed
        /// The peer does not speak TLS, or not ours; what is to be sent may hold an alert.
        case failed
    }

    private var connection: TLSConnection
    private(set) var isEstablished = false
    private var isClosing = false

    init(_ context: TLSContext) throws(CryptoError) { connection = try TLSConnection(server: context) }

    /// Takes ciphertext and hands every piece of plaintext to `body`.
    func receive(
        _ ciphertext: UnsafeRawBufferPointer, _ plaintext: inout [UInt8], _ body: (UnsafeRawBufferPointer) -> Void
    ) -> Event {
        do throws(CryptoError) {
            try connection.receive(ciphertext)
            if !isEstablished {
                isEstablished = try connection.handshake()
                guard isEstablished else { return .waiting }
            }
            while true {
                plaintext.removeAll(keepingCapacity: true)
                switch try connection.read(atMost: 16_384, into: &plaintext) {
                case .bytes: plaintext.withUnsafeBytes(body)
                case .wantsMore: return .waiting
                case .closed: return .closed
                }
            }
        } catch {
            isClosing = true
            return .failed
        }
    }

    /// Encrypts what follows the first `sealed` bytes of `output` in place and adds what TLS itself has to say.
    ///
    /// - Parameter ends: nothing more will follow, so the closing alert goes last.
    /// - Returns: `false` when the connection is broken.
    func seal(_ output: inout [UInt8], from sealed: Int, ends: Bool) -> Bool {
        do throws(CryptoError) {
            if output.count > sealed {
                try connection.write(output[sealed...])
                output.removeSubrange(sealed...)
            }
        } catch {
            return false
        }
        if ends, !isClosing {
            isClosing = true
            connection.close()
        }
        output.append(contentsOf: connection.takeCiphertext())
        return true
    }
}
