import ControlPlane
import Crypto
import Domain
import EventLoops
import Federation
import HTTP
import HTTPServer
import JSON
import Primitives
import Store

extension APIHandler {
    /// Answers on the loop as long as nothing has to be waited for; at once what was answered before and still holds.
    ///
    /// `Idempotency-Key` holds for every POST (contract 10 §12), so what is answered under one is kept like the answer to a
    /// mutation, and a repetition gets the verdict of the first time. Who wants to know how things stand now sends no key.
    func examine(
        _ handler: @escaping Handler.Examining, _ call: Call, _ request: Request
    ) throws(Failure) -> Answer {
        let digest = SHA256.hash(request.body)
        let ray = rayText(request)
        if request.count(.idempotencyKey) == 0, RequestBody.isJSON(request),
            let known = desk.answer(to: digest, for: call.account, at: call.now)
        {
            return .now(.api(.ok, body: known, ray: ray))
        }
        let body = try refusing { () throws(Refusal) in try RequestBody.json(of: request) }
        let idempotency = try refusing { () throws(Refusal) in try RequestBody.idempotency(of: request, call.principal)
        }
        if let idempotency,
            let replay = try options.plane.replay(of: idempotency, in: reader, refused: { FinalAnswer($0) })
        {
            return .now(.answered(replay, ray: ray))
        }
        let examined = ExamineCall(
            call: call, reader: reader, desk: desk, body: body, digest: digest, mayWait: true)
        do throws(Failure) {
            switch try handler(examined) {
            case .answered(let reply):
                guard let idempotency else { return .now(.api(reply.status, body: reply.body, ray: ray)) }
                return .later { [options] in await Self.keep(FinalAnswer(reply), for: idempotency, ray, options) }
            case .waiting(let needs):
                guard let loop = EventLoop.current else { preconditionFailure("a handler is used off its loop") }
                let bound = LoopBound(self, on: loop)
                return .later { await bound.value.examineLater(handler, call, body, digest, needs, idempotency) }
            }
        } catch .refused(let refusal) {
            guard let idempotency else { throw .refused(refusal) }
            return .later { [options] in await Self.keep(FinalAnswer(refusal), for: idempotency, ray, options) }
        }
    }

    /// Waits for what is needed and asks again. Keys may rotate and configurations change meanwhile, so once may not do.
    private func examineLater(
        _ handler: Handler.Examining, _ call: Call, _ body: JSONValue, _ digest: Digest32, _ needs: [TokenNeed],
        _ idempotency: Idempotency?
    ) async -> Response {
        let ray = call.request.ray
        do throws(Failure) {
            var needs = needs
            for round in 1...Self.examinationRounds {
                for need in needs { try await options.plane.provide(need) }
                try beginReading()
                let examined = ExamineCall(
                    call: call.moved(to: options.plane.clock.now), reader: reader, desk: desk, body: body,
                    digest: digest, mayWait: round < Self.examinationRounds)
                switch try handler(examined) {
                case .answered(let reply):
                    guard let idempotency else { return .api(reply.status, body: reply.body, ray: ray) }
                    return await Self.keep(FinalAnswer(reply), for: idempotency, ray, options)
                case .waiting(let found): needs = found
                }
            }
            throw .inconsistent("an examination goes on although it may not wait")
        } catch {
            return answerFailure(error, ray: ray)
        }
    }

    private static let examinationRounds = 6

    static func keep(
        _ answer: FinalAnswer, for idempotency: Idempotency, _ ray: String, _ options: APIOptions
    ) async -> Response {
        do throws(Failure) {
            return .answered(
                try await options.plane.keep(answer, for: idempotency, refused: { FinalAnswer($0) }), ray: ray)
        } catch {
            log(error, ray: ray, options)
            return .failed(error, ray: ray)
        }
    }
}
