import ControlPlane
import Crypto
import Domain
import EventLoops
import Federation
import HTTP
import HTTPServer
import Primitives
import Store

/// People who come in with an ID token of their organization's primary IdP.
extension APIHandler {
    /// Judges the token and goes on with the request, at once unless keys have to be fetched.
    func answer(
        idToken token: [UInt8], _ digest: Digest32, _ pending: PendingCall, mayWait: Bool = true
    ) throws(Failure) -> Answer {
        switch try recognize(token, digest, at: pending.now) {
        case .person(let person):
            let credential = TokenCredential(of: person.principal)
            cache[digest] = CredentialCache.Entry(credential: credential, person: person)
            try spendAndCheck(credential, pending)
            return try route(pending, credential)
        case .undecided(let need) where mayWait:
            guard let loop = EventLoop.current else { preconditionFailure("a handler is used off its loop") }
            let bound = LoopBound(self, on: loop)
            return .later { await bound.value.answerLater(idToken: token, digest, pending, need) }
        case .undecided, .nobody:
            options.limiter.noteFailure(from: pending.address, at: pending.now)
            throw .refused(Self.unknownCredential(pending.route))
        }
    }

    private func recognize(_ token: [UInt8], _ digest: Digest32, at now: Timestamp) throws(Failure) -> Recognition {
        guard let authenticator = options.identityTokens else { return .nobody }
        return try authenticator.recognize(
            token, digest: digest, at: desk, in: reader, options.plane.store.generations, now)
    }

    /// Waits for keys and judges again: once for keys that were missing, once for a key that the token names.
    private func answerLater(
        idToken token: [UInt8], _ digest: Digest32, _ pending: PendingCall, _ need: TokenNeed
    ) async -> Response {
        var pending = pending
        var need = need
        do throws(Failure) {
            for round in 1...3 {
                try await options.plane.provide(need)
                pending.now = options.plane.clock.now
                try beginReading()
                guard round < 3 else { break }
                guard case .undecided(let found) = try recognize(token, digest, at: pending.now) else { break }
                need = found
            }
            switch try answer(idToken: token, digest, pending, mayWait: false) {
            case .now(let response): return response
            case .later(let body): return await body()
            }
        } catch { return answerFailure(error, pending) }
    }
}

extension TokenCredential {
    /// Of somebody who came without an API token, and so without the limits that one has.
    init(of principal: Principal) {
        self.init(
            principal: principal, isActive: true, notBefore: nil, expiresAt: nil, lastUsedAt: nil, allowedAddresses: [],
            deniedAddresses: [])
    }
}
