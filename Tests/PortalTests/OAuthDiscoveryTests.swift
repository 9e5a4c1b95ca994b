import HTTP
import JSON
import Primitives
import Testing

@Suite("Managed OAuth: discovery", .serialized)
struct OAuthDiscoveryTests {
    @Test(
        "a resource describes itself byte for byte", arguments: ["", "/", "/docs", "/docs/", "/a%20b", "/docs/deep/er"])
    func resource(_ path: String) async throws {
        let world = try await OAuthWorld()
        for name in ["oauth-protected-resource", "cloudflare-access-protected-resource"] {
            let response = await world.get("/.well-known/\(name)\(path)", host: "\(OAuthWorld.host):8080")
            #expect(response.status == .ok)
            #expect(response.json["resource"] == .string("http://wiki.localhost:8080\(path)"))
            #expect(response.json["authorization_servers"] == [.string(OAuthWorld.issuer)])
            #expect(response.json["bearer_methods_supported"] == ["header"])
            #expect(response.json["resource_name"] == .string(OAuthWorld.host))
            #expect(response.json["scopes_supported"] == nil && response.json["jwks_uri"] == nil)
            #expect(response.value("access-control-allow-origin") == "*")
            #expect(response.value("cache-control") == "public, max-age=300")
            #expect(response.value("content-type") == "application/json")
        }
    }

    @Test("the authority is the one that a trusted proxy forwards")
    func forwarded() async throws {
        let world = try await OAuthWorld()
        let path = "/.well-known/oauth-authorization-server"
        let told = await world.gate.send(.get, path, host: "127.0.0.1:1", [("x-forwarded-host", "wiki.localhost:9443")])
        #expect(told.json["issuer"] == "http://wiki.localhost:9443")
        let stranger = await world.gate.send(
            .get, path, host: "other.localhost", [("x-forwarded-host", "wiki.localhost")],
            peer: try #require(.init("192.0.2.1")))
        #expect(stranger.status == .notFound)
    }

    @Test("each host names itself as the issuer, and the endpoints below it")
    func servers() async throws {
        let world = try await OAuthWorld()
        for (host, issuer) in [(OAuthWorld.team, OAuthWorld.issuer), (OAuthWorld.host, "http://wiki.localhost")] {
            let response = await world.get("/.well-known/oauth-authorization-server", host: host)
            let document = response.json
            #expect(document["issuer"] == .string(issuer))
            for (member, path) in [
                ("authorization_endpoint", "authorization"), ("token_endpoint", "token"),
                ("revocation_endpoint", "revoke"), ("registration_endpoint", "registration"),
            ] { #expect(document[member] == .string("\(issuer)/cdn-cgi/access/oauth/\(path)")) }
            #expect(document["code_challenge_methods_supported"] == ["S256"])
            #expect(document["response_types_supported"] == ["code"])
            #expect(document["grant_types_supported"] == ["authorization_code", "refresh_token"])
            #expect(document["authorization_response_iss_parameter_supported"] == true)
            #expect(document["client_id_metadata_document_supported"] == true)
            #expect(document["introspection_endpoint"] == nil)
        }
    }

    @Test(
        "what is not there is 404 and never a redirect",
        arguments: [
            ("/.well-known/oauth-authorization-server/docs", OAuthWorld.host),
            ("/.well-known/oauth-authorization-server/docs", OAuthWorld.team),
            ("/.well-known/openid-configuration", OAuthWorld.host),
            ("/.well-known/openid-configuration", OAuthWorld.team),
            ("/.well-known/oauth-protected-resource", OAuthWorld.team),
            ("/.well-known/oauth-protected-resource", "nobody.localhost"),
            ("/.well-known/oauth-protected-resource/a%2Fb", OAuthWorld.host),
            ("/.well-known/oauth-authorization-server", "nobody.localhost"),
        ])
    func missing(_ path: String, _ host: String) async throws {
        let world = try await OAuthWorld()
        let response = await world.get(path, host: host)
        #expect(response.status == .notFound)
        #expect(response.value("location") == nil)
    }

    @Test("nothing is published while managed OAuth is off, and no place outside the application's")
    func off() async throws {
        let off = try await OAuthWorld(["enabled": false])
        #expect(await off.get("/.well-known/oauth-protected-resource", host: OAuthWorld.host).status == .notFound)
        #expect(await off.get("/.well-known/oauth-authorization-server", host: OAuthWorld.host).status == .notFound)
        let narrow = try await OAuthWorld(
            ["enabled": true],
            ["destinations": [["type": "public", "uri": "wiki.localhost/docs"]], "domain": "apps.localhost"])
        #expect(await narrow.get("/.well-known/oauth-protected-resource/docs/x", host: OAuthWorld.host).status == .ok)
        #expect(
            await narrow.get("/.well-known/oauth-protected-resource/other", host: OAuthWorld.host).status == .notFound)
        #expect(await narrow.get("/.well-known/oauth-protected-resource", host: OAuthWorld.host).status == .notFound)
    }

    @Test("where registration is off its endpoint is not named, and clients with documents are not promised")
    func registrationOff() async throws {
        let world = try await OAuthWorld(["enabled": true, "dynamic_client_registration": ["enabled": false]])
        let document = await world.get("/.well-known/oauth-authorization-server", host: OAuthWorld.host).json
        #expect(document["registration_endpoint"] == nil)
        #expect(document["client_id_metadata_document_supported"] == false)
    }

    @Test("a client without credentials is told where to go, and one with bad ones what is wrong")
    func challenge() async throws {
        let world = try await OAuthWorld()
        let first = await world.gate.ask("/docs?x=1", host: OAuthWorld.host, as: .program)
        #expect(first.status == .unauthorized)
        #expect(
            first.value("www-authenticate")
                == "Bearer realm=\"OAuth\", resource_metadata=\"http://wiki.localhost/.well-known/oauth-protected-resource/docs\""
        )
        #expect(first.value("cache-control") == "no-store")
        let second = await world.use("oauth:nothing", at: "/docs")
        #expect(second.status == .unauthorized && second.error == "invalid_token")
        #expect(second.value("www-authenticate")?.contains("error=\"invalid_token\"") == true)
    }

    @Test("scripts of other sites may ask")
    func preflight() async throws {
        let world = try await OAuthWorld()
        for path in [
            "/.well-known/oauth-protected-resource", "/cdn-cgi/access/oauth/token",
            "/cdn-cgi/access/oauth/registration",
        ] {
            let response = await world.gate.send(
                .options, path, host: OAuthWorld.host,
                [("origin", "https://inspector.example"), ("access-control-request-method", "POST")])
            #expect(response.status == .noContent)
            #expect(response.value("access-control-allow-origin") == "*")
            #expect(response.value("access-control-allow-credentials") == nil)
        }
    }
}
