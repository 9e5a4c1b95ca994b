import Crypto
import HTTP
import OAuth
import Primitives
import Testing

@Suite("Clients and their parameters")
struct ClientTests {
    private func read(_ form: String, _ authorization: [String] = []) throws -> ClientCredential {
        try ClientCredential.read(
            authorization: authorization, try Parameters(try #require(QueryString(form))))
    }

    private func basic(_ text: String) -> String { "Basic " + Base64.encode(Array(text.utf8)) }

    @Test("the three methods are told apart")
    func methods() throws {
        #expect(try read("client_id=a").method == .none)
        #expect(try read("client_id=a&client_secret=b").method == .post)
        let credential = try read("", [basic("a:b")])
        #expect(credential.method == .basic)
        #expect(credential.clientID == "a")
        #expect(credential.secret?.exposed() == "b")
        #expect(try read("client_id=a", [basic("a:b")]).method == .basic)
    }

    @Test("name and password of Basic are form-encoded (RFC 6749 §2.3.1)")
    func formEncoding() throws {
        let credential = try read("", [basic("a%3Ab:c%2Fd+e:f")])
        #expect(credential.clientID == "a:b")
        #expect(credential.secret?.exposed() == "c/d e:f")
    }

    @Test("two methods at once are an invalid request")
    func twoMethods() {
        for form in ["client_id=a&client_secret=b", "client_secret=b", "client_id=z"] {
            #expect { try read(form, [basic("a:b")]) } throws: { ($0 as? OAuthError)?.code == .invalidRequest }
        }
    }

    @Test(
        "what cannot be read is an invalid client",
        arguments: [
            ["Basic"], ["Basic YTpi="], ["Basic YT pi"], ["Bearer YTpi"], ["Basic " + Base64.encode(Array("a".utf8))],
            ["Basic " + Base64.encode(Array(":b".utf8))], ["Basic " + Base64.encode(Array("%zz:b".utf8))],
            ["Basic YTpi", "Basic YTpi"], [],
        ])
    func unreadable(authorization: [String]) {
        #expect(throws: OAuthError.invalidClient) { try read("", authorization) }
    }

    @Test("a client is good by a method it is registered for and with its secret only")
    func good() throws {
        let digest = SHA256.hash("b").bytes
        let (post, none) = (try read("client_id=a&client_secret=b"), try read("client_id=a"))
        #expect(post.isGood(for: [.basic, .post], secretDigest: digest))
        #expect(!post.isGood(for: [.basic], secretDigest: digest))
        #expect(!post.isGood(for: [.post], secretDigest: SHA256.hash("c").bytes))
        #expect(!post.isGood(for: [.post], secretDigest: nil))
        #expect(!none.isGood(for: [.basic, .post], secretDigest: digest))
        #expect(none.isGood(for: [.none], secretDigest: digest))
        // Basic with an empty password is no public client.
        #expect(!(try read("", [basic("a:")])).isGood(for: [.basic, .none], secretDigest: nil))
    }

    @Test("no parameter is repeated, and one without a value is left out (RFC 6749 §3.1)")
    func parameters() throws {
        #expect(throws: OAuthError.self) { try Parameters(try #require(QueryString("a=1&a=1"))) }
        #expect(throws: OAuthError.self) { try Parameters(try #require(QueryString("a=1&a=2"))) }
        let parameters = try Parameters(
            try #require(QueryString("a=&b=1&resource=x&resource=y")), repeatable: ["resource"])
        #expect(parameters["a"] == nil)
        #expect(parameters["b"] == "1")
        #expect(parameters["resource"] == "x")
        #expect(throws: OAuthError(.invalidRequest, "the parameter a is missing")) { try parameters.required("a") }
    }

    @Test("error texts are what RFC 6749 §5.2 lets them be")
    func errorTexts() {
        for error in [OAuthError.invalidGrant, .invalidClient] {
            #expect(error.detail.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C })
        }
    }
}
