import OAuth
import Primitives
import Testing

@Suite("Refresh tokens")
struct RefreshTests {
    private static let start = Timestamp(seconds: 1_772_445_600)
    private static let end = start + .seconds(3600)

    private func judge(
        _ place: RefreshState.Place, client: String = "c", issuer: String = "i", window: Duration = .seconds(10),
        after seconds: Int64 = 0
    ) -> RefreshState.Verdict {
        RefreshState(clientID: "c", issuer: "i", place: place, expiresAt: Self.end)
            .judge(clientID: client, issuer: issuer, lostResponseWindow: window, at: Self.start + .seconds(seconds))
    }

    @Test("a live token rotates until the family ends")
    func rotates() {
        #expect(judge(.live) == .rotate)
        #expect(judge(.live, after: 3599) == .rotate)
        #expect(judge(.live, after: 3600) == .refused(.invalidGrant))
    }

    @Test("a retired token is the same request again for ten seconds, while its successor is unused")
    func lostResponse() {
        let retired = RefreshState.Place.retired(at: Self.start, isSuccessorUsed: false)
        #expect(judge(retired, after: 9) == .repeated)
        #expect(judge(retired, after: 10) == .reused)
        #expect(judge(.retired(at: Self.start, isSuccessorUsed: true), after: 1) == .reused)
    }

    @Test("a token that was retired in a future that did not come is no lost answer")
    func setBack() {
        let retired = RefreshState.Place.retired(at: Self.start, isSuccessorUsed: false)
        #expect(judge(retired, after: -60) == .repeated)
        #expect(judge(retired, after: -61) == .reused)
    }

    @Test("without a window every second use is theft")
    func noWindow() {
        #expect(judge(.retired(at: Self.start, isSuccessorUsed: false), window: .zero) == .reused)
    }

    @Test("a retired token that outlived its family still shows theft")
    func afterTheEnd() {
        #expect(judge(.retired(at: Self.start, isSuccessorUsed: false), after: 7200) == .reused)
        #expect(judge(.retired(at: Self.end, isSuccessorUsed: false), after: 3601) == .reused)
    }

    @Test("another client or issuer learns nothing and ends nothing")
    func foreign() {
        for place in [RefreshState.Place.live, .retired(at: Self.start, isSuccessorUsed: true)] {
            #expect(judge(place, client: "d") == .refused(.invalidGrant))
            #expect(judge(place, issuer: "j") == .refused(.invalidGrant))
        }
    }

    @Test("a successor follows from the token, the purpose and the key, and from all of them")
    func successors() {
        let key = [UInt8](repeating: 7, count: 32)
        let token = SuccessorToken.after("a", "refresh", key: key)
        #expect(token == SuccessorToken.after("a", "refresh", key: key))
        #expect(Base64URL.decode(token)?.count == 32)
        #expect(token != SuccessorToken.after("b", "refresh", key: key))
        #expect(token != SuccessorToken.after("a", "access", key: key))
        #expect(token != SuccessorToken.after("a", "refresh", key: [UInt8](repeating: 8, count: 32)))
    }
}
