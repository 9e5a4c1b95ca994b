import COpenSSL

/// One `SSL_CTX`, freed with its last owner.
///
/// Sendable because it is configured completely before it is published and only read afterwards; OpenSSL allows
/// `SSL_new` from several threads and locks the session ticket keys itself (`openssl-threads(7)`).
@safe
final class TLSContextHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    /// TLS 1.2 and later, forward secrecy and AEAD only, no renegotiation, no compression.
    init(_ method: OpaquePointer?) throws(CryptoError) {
        guard let context = unsafe SSL_CTX_new(method) else { throw .fromQueue() }
        unsafe pointer = unsafe context
        unsafe SSL_CTX_set_options(
            context,
            orgd_ssl_op_no_renegotiation | orgd_ssl_op_no_compression | orgd_ssl_op_cipher_server_preference)
        // Buffers of idle connections are given back, and a retried write may come from another address.
        unsafe orgd_ssl_ctx_set_mode(
            context,
            Int(SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER))
        guard unsafe orgd_ssl_ctx_set_min_proto_version(context, TLS1_2_VERSION) == 1,
            unsafe SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL") == 1,
            unsafe orgd_ssl_ctx_set1_groups_list(context, "X25519:P-256:P-384") == 1
        else { throw .fromQueue() }
    }

    deinit { unsafe SSL_CTX_free(pointer) }
}

/// What a TLS server presents: a certificate chain and its key. Immutable; a renewed certificate is a new context.
package final class TLSContext: Sendable {
    let handle: TLSContextHandle

    /// - Parameters:
    ///   - certificatePath: PEM, the server's certificate first, intermediates after it.
    ///   - keyPath: PEM, unencrypted.
    /// - Throws: ``CryptoError/malformedKey`` when a file cannot be read as that, or the two do not belong together.
    package init(certificatePath: String, keyPath: String) throws(CryptoError) {
        handle = try unsafe TLSContextHandle(TLS_server_method())
        let context = unsafe handle.pointer
        // Without this an encrypted key would ask for its passphrase on the terminal.
        unsafe SSL_CTX_set_default_passwd_cb(context) { _, _, _, _ in -1 }
        guard unsafe SSL_CTX_use_certificate_chain_file(context, certificatePath) == 1,
            unsafe SSL_CTX_use_PrivateKey_file(context, keyPath, SSL_FILETYPE_PEM) == 1,
            unsafe SSL_CTX_check_private_key(context) == 1
        else {
            ERR_clear_error()
            throw .malformedKey
        }
        // Resumption is by ticket, so the server remembers nothing.
        unsafe orgd_ssl_ctx_set_session_cache_mode(context, Int(SSL_SESS_CACHE_OFF))
        unsafe SSL_CTX_set_alpn_select_cb(context, selectHTTP1, nil)
    }
}

/// Whom a TLS client trusts. Immutable and shared.
package final class TLSClientContext: Sendable {
    let handle: TLSContextHandle
    let verifiesPeer: Bool

    package enum Trust: Sendable {
        /// The authorities of the operating system.
        case system
        /// Those, and the ones in a PEM file.
        case systemAnd(authorityPath: String)
        /// Only the ones in a PEM file.
        case only(authorityPath: String)
        /// Nobody is checked: for diagnosis, never by default.
        case withoutVerification
    }

    /// - Parameter applicationProtocol: what is to be spoken (RFC 7301); `nil` for protocols without a registered name.
    /// - Throws: ``CryptoError/malformedKey`` when the file holds no certificate.
    package init(trust: Trust = .system, applicationProtocol: String? = "http/1.1") throws(CryptoError) {
        handle = try unsafe TLSContextHandle(TLS_client_method())
        let context = unsafe handle.pointer
        var file: String?
        switch trust {
        case .system: verifiesPeer = true
        case .systemAnd(let path), .only(let path):
            verifiesPeer = true
            file = path
        case .withoutVerification: verifiesPeer = false
        }
        switch trust {
        case .system, .systemAnd:
            guard unsafe SSL_CTX_set_default_verify_paths(context) == 1 else { throw .fromQueue() }
        case .only, .withoutVerification: break
        }
        if let file {
            guard unsafe SSL_CTX_load_verify_locations(context, file, nil) == 1 else {
                ERR_clear_error()
                throw .malformedKey
            }
        }
        unsafe SSL_CTX_set_verify(context, verifiesPeer ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nil)
        guard let applicationProtocol else { return }
        let protocols = [UInt8(truncatingIfNeeded: applicationProtocol.utf8.count)] + Array(applicationProtocol.utf8)
        // The one function of the API that answers 0 for success.
        guard unsafe SSL_CTX_set_alpn_protos(context, protocols, UInt32(protocols.count)) == 0 else {
            throw .fromQueue()
        }
    }
}

/// `http/1.1` with its length in front (RFC 7301 §3.1).
private let http1Protocol: [UInt8] = [8] + Array("http/1.1".utf8)

/// Chooses `http/1.1`; a client that offers other protocols only is refused, as RFC 7301 §3.2 demands.
private func selectHTTP1(
    _ ssl: OpaquePointer?, _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ length: UnsafeMutablePointer<UInt8>?,
    _ offered: UnsafePointer<UInt8>?, _ offeredLength: UInt32, _ unused: UnsafeMutableRawPointer?
) -> Int32 {
    guard let chosen = unsafe chosen, let length = unsafe length else { return SSL_TLSEXT_ERR_ALERT_FATAL }
    let list = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredLength))
    var position = 0
    while position < list.count {
        let end = position + 1 + Int(unsafe list[position])
        guard end <= list.count else { break }
        if unsafe list[position..<end].elementsEqual(http1Protocol) {
            // The answer points into the client's own list, which outlives this call.
            unsafe chosen.pointee = unsafe list.baseAddress.map { unsafe $0 + position + 1 }
            unsafe length.pointee = UInt8(end - position - 1)
            return SSL_TLSEXT_ERR_OK
        }
        position = end
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}
