import COpenSSL
import Glibc

/// What a read of plaintext found.
package enum ReadOutcome: Equatable, Sendable {
    case bytes([UInt8])
    /// Nothing until more ciphertext arrives.
    case wantsMore
    /// The peer closed the connection in TLS.
    case closed
}

/// The TLS state of one connection, without a socket: ciphertext goes in and comes out as bytes, whenever its owner has
/// or wants some. Owns one `SSL` and, through it, two memory buffers.
///
/// After every call the owner sends what ``takeCiphertext()`` returns, also after one that threw: it may be an alert.
@safe
package struct TLSConnection: ~Copyable {
    private let ssl: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer
    private var transportEnded = false

    /// The accepting side.
    package init(server context: TLSContext) throws(CryptoError) {
        let ssl = try unsafe Self.open(context.handle)
        unsafe SSL_set_accept_state(ssl)
        try unsafe self.init(owning: ssl)
    }

    /// The connecting side, which expects a certificate for `host`: a DNS name, or an address in text form.
    package init(client context: TLSClientContext, host: String) throws(CryptoError) {
        let ssl = try unsafe Self.open(context.handle)
        unsafe SSL_set_connect_state(ssl)
        do throws(CryptoError) {
            try unsafe Self.name(host, in: ssl, verifying: context.verifiesPeer)
        } catch {
            unsafe SSL_free(ssl)
            throw error
        }
        try unsafe self.init(owning: ssl)
    }

    private init(owning ssl: OpaquePointer) throws(CryptoError) {
        guard let incoming = unsafe BIO_new(BIO_s_mem()) else {
            unsafe SSL_free(ssl)
            throw .outOfMemory
        }
        guard let outgoing = unsafe BIO_new(BIO_s_mem()) else {
            unsafe BIO_free(incoming)
            unsafe SSL_free(ssl)
            throw .outOfMemory
        }
        unsafe SSL_set_bio(ssl, incoming, outgoing)
        unsafe self.ssl = ssl
        unsafe self.incoming = incoming
        unsafe self.outgoing = outgoing
    }

    private static func open(_ context: TLSContextHandle) throws(CryptoError) -> OpaquePointer {
        guard let ssl = unsafe SSL_new(context.pointer) else { throw .fromQueue() }
        return unsafe ssl
    }

    /// Tells the server which host is meant, and OpenSSL which name the certificate must carry.
    private static func name(_ host: String, in ssl: OpaquePointer, verifying: Bool) throws(CryptoError) {
        // An empty name would switch the check off, and a NUL would end it early.
        guard !verifying || (!host.isEmpty && !host.utf8.contains(0)) else {
            throw .certificateRejected("no host to compare with")
        }
        var scratch = [UInt8](repeating: 0, count: 16)
        let isAddress = unsafe inet_pton(AF_INET, host, &scratch) == 1 || inet_pton(AF_INET6, host, &scratch) == 1
        // Server names are DNS names only (RFC 6066 §3).
        if !isAddress {
            guard unsafe orgd_ssl_set_tlsext_host_name(ssl, host) == 1 else { throw .fromQueue() }
        }
        guard verifying else { return }
        unsafe SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        let status =
            isAddress
            ? unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host)
            : unsafe SSL_set1_host(ssl, host)
        guard status == 1 else { throw .fromQueue() }
    }

    deinit { unsafe SSL_free(ssl) }
}

// MARK: - Ciphertext

extension TLSConnection {
    /// Takes bytes that the transport received.
    package mutating func receive(_ ciphertext: some Collection<UInt8>) throws(CryptoError) {
        let isTaken = unsafe ciphertext.withContiguousBytes { bytes in
            var written = 0
            guard !bytes.isEmpty else { return true }
            return unsafe BIO_write_ex(incoming, bytes.baseAddress, bytes.count, &written) == 1
                && written == bytes.count
        }
        guard isTaken else { throw .fromQueue() }
    }

    /// The transport will deliver nothing more. Without a closing alert before, reads now throw
    /// ``CryptoError/truncated``.
    package mutating func receiveEnd() { transportEnded = true }

    /// The bytes that wait to be sent; empty when there are none.
    package mutating func takeCiphertext() -> [UInt8] {
        let pending = unsafe BIO_ctrl_pending(outgoing)
        guard pending > 0 else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: pending) { buffer, count in
            var read = 0
            let status = unsafe BIO_read_ex(outgoing, buffer.baseAddress, pending, &read)
            count = status == 1 ? read : 0
        }
    }
}

// MARK: - Plaintext

extension TLSConnection {
    /// Advances the handshake as far as the received bytes allow; `true` once it is complete.
    ///
    /// - Throws: ``CryptoError/certificateRejected(_:)`` on the connecting side for an untrusted, expired or foreign
    ///   certificate.
    package mutating func handshake() throws(CryptoError) -> Bool {
        ERR_clear_error()
        let status = unsafe SSL_do_handshake(ssl)
        if status == 1 { return true }
        switch unsafe SSL_get_error(ssl, status) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
            if transportEnded { throw .truncated }
            return false
        default: throw failure()
        }
    }

    /// Plaintext, at most `count` bytes of it. Advances the handshake too.
    package mutating func read(atMost count: Int) throws(CryptoError) -> ReadOutcome {
        var outcome = ReadOutcome.wantsMore
        var bytes: [UInt8] = []
        outcome = try read(atMost: count, into: &bytes)
        if case .bytes = outcome { return .bytes(bytes) }
        return outcome
    }

    /// The same, appended to `buffer`; the outcome `.bytes` is empty then, so that nothing is copied twice.
    package mutating func read(atMost count: Int, into buffer: inout [UInt8]) throws(CryptoError) -> ReadOutcome {
        precondition(count > 0, "a read needs room")
        ERR_clear_error()
        let start = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: count))
        var read = 0
        let status = unsafe buffer.withUnsafeMutableBytes { memory in
            unsafe SSL_read_ex(ssl, memory.baseAddress.map { unsafe $0 + start }, count, &read)
        }
        buffer.removeLast(count - (status == 1 ? read : 0))
        if status == 1 { return .bytes([]) }
        switch unsafe SSL_get_error(ssl, status) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
            if transportEnded { throw .truncated }
            return .wantsMore
        case SSL_ERROR_ZERO_RETURN: return .closed
        default: throw failure()
        }
    }

    /// Encrypts all of `plaintext`; the handshake must be complete.
    package mutating func write(_ plaintext: some Collection<UInt8>) throws(CryptoError) {
        ERR_clear_error()
        let isWritten = unsafe plaintext.withContiguousBytes { bytes in
            var position = 0
            while position < bytes.count {
                var written = 0
                let rest = unsafe UnsafeBufferPointer(rebasing: bytes[position...])
                guard unsafe SSL_write_ex(ssl, rest.baseAddress, rest.count, &written) == 1 else { return false }
                position += written
            }
            return true
        }
        guard isWritten else { throw failure() }
    }

    /// Queues the closing alert. What the peer still sends may be dropped afterwards.
    package mutating func close() {
        guard unsafe SSL_is_init_finished(ssl) == 1 else { return }
        ERR_clear_error()
        // 0 means that the peer's alert is still to come, which nobody here waits for; a failure means there is nobody
        // left to tell.
        _ = unsafe SSL_shutdown(ssl)
        ERR_clear_error()
    }

    private func failure() -> CryptoError {
        let verification = unsafe SSL_get_verify_result(ssl)
        guard verification != X509_V_OK, unsafe SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE else { return .fromQueue() }
        ERR_clear_error()
        return .certificateRejected(unsafe String(cString: X509_verify_cert_error_string(verification)))
    }
}

// MARK: - Facts

extension TLSConnection {
    /// The negotiated protocol (RFC 7301), if any.
    package var applicationProtocol: String? {
        var bytes: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(ssl, &bytes, &count)
        guard count > 0 else { return nil }
        return unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
    }

    /// `TLSv1.3` or `TLSv1.2`.
    package var version: String { unsafe String(cString: SSL_get_version(ssl)) }
}
