package import ControlPlane
package import Crypto
package import Primitives
package import Store

/// Recognises people by an ID token. Asked on the loop, and again after what it waits for has come.
package protocol IdentityTokenAuthenticator: Sendable {
    /// - Parameters:
    ///   - desk: where the loop judges tokens.
    ///   - generations: counters that the answer may be held under.
    func recognize(
        _ token: [UInt8], digest: Digest32, at desk: TokenDesk, in reader: any Reading, _ generations: Generations,
        _ now: Timestamp
    ) throws(Failure) -> Recognition
}

/// People come in with tokens of the primary IdP of their organization.
package struct PrimaryIdPAuthenticator: IdentityTokenAuthenticator {
    package init() {}

    package func recognize(
        _ token: [UInt8], digest: Digest32, at desk: TokenDesk, in reader: any Reading, _ generations: Generations,
        _ now: Timestamp
    ) throws(Failure) -> Recognition {
        try desk.recognize(token, digest: digest, in: reader, generations, at: now)
    }
}
