import Crypto
import Domain
import Federation
import HTTP
import JOSE
import JSON
import Primitives

/// Why a service gave no answer that counts. The code stays the same; the sentence holds nothing that it sent.
package struct EvaluationFault: Error, Sendable, Equatable {
    package enum Code: String, Sendable, CaseIterable {
        case unreachable = "evaluation_unreachable"
        /// Another status than 200, no JSON, no token in it, or a token that is none.
        case badAnswer = "evaluation_bad_answer"
        case keysUnreachable = "evaluation_keys_unreachable"
        case badSignature = "evaluation_bad_signature"
        case expired = "evaluation_expired"
        case wrongNonce = "evaluation_wrong_nonce"
        case tooMany = "evaluation_too_many"
    }

    package let code: Code
    package let detail: String

    init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }
}

/// A question on its way: a token that the account signed, and what its answer has to repeat.
struct PosedQuestion: Sendable {
    let question: ExternalEvaluation
    let token: String
    let nonce: String
}

/// Asks one service (contract 20 §12, `external_evaluation`): `{"token": …}` is posted to its address, and it answers with
/// a token in the same form, signed with a key of its key set.
struct Evaluator: Sendable {
    let keys: KeyCache
    let clock: any WallClock

    struct Answer: Sendable {
        let isSuccess: Bool
        let expiresAt: Timestamp
    }

    func ask(_ posed: PosedQuestion) async throws(EvaluationFault) -> Answer {
        guard let url = WebAddress(posed.question.evaluateURL), url.isAcceptable else {
            throw EvaluationFault(.unreachable, "the address must be an https URL, or http on loopback")
        }
        let document: FetchedDocument
        do throws(FetchFailure) {
            let body = JSONValue.object(["token": .string(posed.token)]).serializedBytes()
            document = try await keys.fetcher.ask(body, of: url)
        } catch { throw EvaluationFault(.unreachable, error.explanation) }
        let token = try await open(document, posed)
        return try Self.judge(token.claims, token.registered, posed, at: clock.now)
    }

    private func open(_ document: FetchedDocument, _ posed: PosedQuestion) async throws(EvaluationFault) -> CompactJWS {
        guard document.status == 200 else {
            throw EvaluationFault(.badAnswer, "the service answered with status \(document.status)")
        }
        guard document.body.count <= FetchRules.bodyLimit, let text = Self.token(document.body) else {
            throw EvaluationFault(.badAnswer, "the answer is no JSON object with a token")
        }
        let token: CompactJWS
        do throws(JOSEError) {
            token = try CompactJWS.parse(text)
        } catch { throw EvaluationFault(.badAnswer, "the token in the answer is not one: \(error.rawValue)") }
        guard let algorithm = token.algorithm else {
            throw EvaluationFault(.badSignature, "alg is not an asymmetric signature algorithm")
        }
        let key = try await key(named: token.keyID, for: algorithm, at: posed.question.keysURL)
        let isGood: Bool
        do throws(KeyProblem) {
            isGood = token.verify(with: try key.verifier(for: algorithm))
        } catch { throw EvaluationFault(.badSignature, "the key must not be used for this signature") }
        guard isGood else { throw EvaluationFault(.badSignature, "the signature is not one of the key that it names") }
        return token
    }

    private static func token(_ body: [UInt8]) -> String? {
        do throws(JSONError) { return try JSONParser.parse(body)["token"]?.stringValue } catch { return nil }
    }

    // MARK: Keys

    /// The one key that may have signed, after one refresh of the key set where its name is not known.
    private func key(
        named keyID: String?, for algorithm: JWSAlgorithm, at url: String
    ) async throws(EvaluationFault) -> JWK {
        let source = KeySource(.keySet(url), issuer: nil)
        let entry = Self.entry(of: url)
        var hasRefreshed = false
        for _ in 1...6 {
            switch keys.lookup(source, of: entry, at: clock.now) {
            case .waiting(let pending): await pending.arrival()
            case .unreachable(let explanation): throw EvaluationFault(.keysUnreachable, explanation)
            case .found(let held):
                switch held.keys.select(keyID: keyID, for: algorithm) {
                case .key(let key): return key
                case .unusable:
                    throw EvaluationFault(.badSignature, "the key of the signature must not be used for it")
                case .unknown:
                    guard let keyID, !hasRefreshed,
                        let pending = keys.refresh(source, of: entry, forKeyID: keyID, at: clock.now)
                    else { throw EvaluationFault(.badSignature, "the key set has no key of this signature") }
                    hasRefreshed = true
                    await pending.arrival()
                }
            }
        }
        throw EvaluationFault(.keysUnreachable, "the key set keeps changing")
    }

    /// Where the cache keeps a key set that belongs to no identity provider.
    private static func entry(of url: String) -> IdentityProviderID {
        let words = SHA256.hash("external_evaluation keys \(url)").words
        return IdentityProviderID(high: words.0, low: words.1)
    }

    // MARK: Claims

    /// What clocks may differ by.
    private static let skew = Duration.seconds(60)

    private static func judge(
        _ claims: JSONObject, _ registered: RegisteredClaims, _ posed: PosedQuestion, at now: Timestamp
    ) throws(EvaluationFault) -> Answer {
        guard let expiry = registered.expiresAt, expiry > now - skew else {
            throw EvaluationFault(.expired, "exp is absent or in the past")
        }
        for instant in [registered.notBefore, registered.issuedAt].compactMap({ $0 }) where instant > now + skew {
            throw EvaluationFault(.expired, "nbf or iat lies ahead")
        }
        guard let nonce = registered.nonce, constantTimeEqual(Array(nonce.utf8), Array(posed.nonce.utf8)) else {
            throw EvaluationFault(.wrongNonce, "the answer does not repeat the nonce of the question")
        }
        guard let isSuccess = claims["success"]?.boolValue else {
            throw EvaluationFault(.badAnswer, "success is neither true nor false")
        }
        return Answer(isSuccess: isSuccess, expiresAt: expiry)
    }
}
