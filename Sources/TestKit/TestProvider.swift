package import Crypto
import DevIdP
package import EventLoops
import HTTPServer
package import JOSE
package import JSON
package import Primitives

/// A person whom the identity provider of a test knows.
package struct TestPerson: Sendable, Equatable {
    let user: DemoUser

    /// Reads what `orgd dev-idp --user` takes.
    package init?(_ text: String) {
        guard let user = DemoUser(text) else { return nil }
        self.user = user
    }

    init(_ user: DemoUser) { self.user = user }

    package var email: String { user.email }
    package var name: String { user.name }
    package var groups: [String] { user.groups }
    package var subject: String { user.subject }
}

/// An identity provider on loopback, started for one test.
package final class TestProvider: Sendable {
    private let provider: DemoProvider
    package let issuer: String

    /// Making an RSA key takes longer than most tests, so all providers begin with the same one.
    private static let rsaKey: PrivateKey = {
        do { return try .generate(.rsa(bits: 2048)) } catch { preconditionFailure("no key: \(error)") }
    }()

    package init(clientID: String = "orgd", clock: any WallClock, group: EventLoopGroup) throws {
        provider = try DemoProvider(clientID: clientID, clock: clock, rsaKey: Self.rsaKey)
        issuer = try provider.start(at: SocketAddress(ip: .loopbackV4, port: 0), group: group)
    }

    package func stop() async { await provider.stop() }

    package var clientID: String { provider.clientID }
    /// How often the keys were asked for.
    package var keyRequests: Int { provider.keyRequests }
    package var people: [TestPerson] { provider.users.map { TestPerson($0) } }

    package func rotateKeys(keepingOld: Bool) throws(CryptoError) { try provider.rotateKeys(keepingOld: keepingOld) }

    /// An ID token, with claims replaced, or taken out where a change is `null`.
    package func token(
        for person: TestPerson, _ algorithm: JWSAlgorithm = .rs256, lifetime: Duration = .seconds(3600),
        changing changes: JSONObject = JSONObject()
    ) throws(CryptoError) -> String {
        try provider.token(for: person.user, algorithm, lifetime: lifetime, changing: changes)
    }
}
