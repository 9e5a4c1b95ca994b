import ControlPlane
import Crypto
import Domain
import Federation
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Validation of ID tokens for an account (contract 40 §10).
enum TokenValidationRoutes: RouteGroup {
    static let table: [Route] = [
        Route(
            .post, "/accounts/{account_id}/access/tokens/validate", "validateTokens", .account(.tokenValidationRun),
            .identityProvider, .examine(validate))
    ]

    /// Changes nothing, so there is no audit row; waits only where keys have to be fetched first.
    @Sendable static func validate(_ call: ExamineCall) throws(Failure) -> Examination {
        let request = try refusing { () throws(Refusal) in try TokenValidationRequest(call.body) }
        var verdicts: [TokenVerdict] = []
        verdicts.reserveCapacity(request.tokens.count)
        var needs: [TokenNeed] = []
        var hold: AnswerHold?
        for token in request.tokens {
            let bytes = Array(token.utf8)
            let verdict: TokenVerdict
            (verdict, hold) = try call.desk.lastingVerdict(
                on: bytes, digest: request.isBatch ? SHA256.hash(bytes) : call.digest, request.expectation,
                for: call.account, in: call.reader, settings: call.call.plane.settings, at: call.call.now)
            if case .undecided(let need) = verdict { needs.append(need) }
            verdicts.append(verdict)
        }
        guard needs.isEmpty || !call.mayWait else { return .waiting(needs) }
        let reply = Reply.found { writer in
            if request.isBatch { writer.beginArray() }
            for verdict in verdicts { write(verdict, to: &writer) }
            if request.isBatch { writer.endArray() }
        }
        if !request.isBatch, let hold { call.desk.keep(reply.body, to: call.digest, for: call.account, hold) }
        return .answered(reply)
    }

    private static func write(_ verdict: TokenVerdict, to writer: inout JSONWriter) {
        switch verdict {
        case .valid(let token): token.write(to: &writer)
        case .invalid(let rejection): rejection.write(to: &writer)
        case .undecided:
            TokenRejection(.idpUnreachable, "the keys keep changing: try again").write(to: &writer)
        }
    }
}
