import ControlPlane
import Crypto
import Domain
import HTTP
import JOSE
import JSON
import Primitives
import Store
import TestKit
import Testing

@Suite("Validating ID tokens")
struct FederationValidationTests {
    /// A source account with the identity provider, designated as primary, and an account that knows it by a
    /// connection.
    private struct Bridged {
        let organization, source, provider, recipient, connection: String

        init(_ world: FederationWorld) async {
            organization = await world.organization("Acme")
            source = await world.account("HQ", in: organization)
            provider = await world.identityProvider(in: source)
            recipient = await world.account("EMEA", in: organization)
            await world.primary(provider, of: source, for: organization)
            let listed = await world.get("/accounts/\(recipient)/access/identity_providers").result.arrayValue ?? []
            connection = listed.first { $0["source_idp_id"]?.stringValue != nil }?["id"]?.stringValue ?? ""
        }
    }

    @Test("a token is valid directly and through the connection", arguments: [JWSAlgorithm.rs256, .es256])
    func bothWays(_ algorithm: JWSAlgorithm) async throws {
        try await FederationWorld.run { world in
            let bridged = await Bridged(world)
            let token = try world.idp.token(for: world.alice, algorithm)
            for (account, id) in [(bridged.source, bridged.provider), (bridged.recipient, bridged.connection)] {
                // The second time it is remembered.
                for _ in 0..<2 {
                    let verdict = await world.validate(token, for: account)
                    #expect(verdict["active"] == true)
                    #expect(verdict["idp_id"] == .string(id))
                    #expect(verdict["issuer"] == .string(world.idp.issuer))
                    #expect(verdict["subject"] == .string(world.alice.subject))
                    #expect(verdict["email"] == .string(world.alice.email))
                    #expect(verdict["audience"] == ["orgd"])
                    #expect(verdict["algorithm"] == .string(algorithm.rawValue))
                    #expect(verdict["claims"] == ["groups": ["engineering", "admins"]])
                }
                #expect(await world.validate(token, for: account, ["idp_id": .string(id)])["active"] == true)
            }
            let foreign = await world.validate(token, for: bridged.recipient, ["idp_id": .string(bridged.provider)])
            #expect(foreign["reason"] == "unknown_issuer")
            #expect(world.idp.keyRequests == 1)
        }
    }

    @Test("what was answered before is answered again while it holds: not after the expiry, nor past the age asked for")
    func rememberedAnswers() async throws {
        try await FederationWorld.run { world in
            let bridged = await Bridged(world)
            let other = await world.account("LATAM", in: bridged.organization)
            let now = JSONValue.integer(world.clock.now.seconds)
            let token = try world.idp.token(
                for: world.alice, lifetime: .seconds(600), changing: ["auth_time": now])
            for _ in 0..<2 {
                #expect(await world.validate(token, for: bridged.source)["active"] == true)
                #expect(await world.validate(token, for: bridged.source, ["max_age": 300])["active"] == true)
                #expect(await world.validate(token, for: bridged.source, ["nonce": "n"])["reason"] == "wrong_nonce")
                #expect(await world.validate(token, for: other)["idp_id"] != .string(bridged.provider))
            }
            world.clock.advance(by: .seconds(301))
            #expect(await world.validate(token, for: bridged.source)["active"] == true)
            #expect(await world.validate(token, for: bridged.source, ["max_age": 300])["reason"] == "too_old")
            world.clock.advance(by: .seconds(360))
            #expect(await world.validate(token, for: bridged.source)["reason"] == "expired")
        }
    }

    @Test("a batch answers in order, each token for itself")
    func batch() async throws {
        try await FederationWorld.run { world in
            let bridged = await Bridged(world)
            let path = "/accounts/\(bridged.source)/access/tokens/validate"
            let good = try world.idp.token(for: world.alice)
            let old = try world.idp.token(for: world.alice, lifetime: .seconds(-100))
            let foreign = try world.idp.token(for: world.alice, changing: ["iss": "https://evil.example.org"])
            let answer = await world.post(
                path, ["tokens": [.string(good), "x", .string(old), .string(foreign), .string(good)]])
            #expect(answer.status == 200)
            let reasons = answer.result.arrayValue?.map { $0["reason"]?.stringValue ?? "valid" }
            #expect(reasons == ["valid", "malformed", "expired", "unknown_issuer", "valid"])
            let hundred = await world.post(path, ["tokens": .array(Array(repeating: .string(good), count: 100))])
            #expect(hundred.result.arrayValue?.count == 100)
            #expect(await world.post(path, ["tokens": [.string(good)]]).result.arrayValue?.count == 1)
        }
    }

    @Test(
        "a body that breaks its rules is refused with pointers",
        arguments: [
            ([:], ["/token"]), (["token": 5], ["/token"]), (["tokens": []], ["/tokens"]),
            (["tokens": "x"], ["/tokens"]),
            (["tokens": .array(Array(repeating: "x", count: 101))], ["/tokens"]),
            (["tokens": ["x", 1]], ["/tokens/1"]),
            (["token": "x", "tokens": ["x"]], ["/tokens"]), (["token": "x", "idp_id": "1"], ["/idp_id"]),
            (["token": "x", "audience": 1, "nonce": [], "max_age": -1], ["/audience", "/max_age", "/nonce"]),
            (["token": "x", "audience": []], ["/audience"]), (["token": "x", "max_age": "60"], ["/max_age"]),
        ] as [(JSONValue, [String])])
    func badBody(_ body: JSONValue, _ pointers: [String]) async throws {
        try await FederationWorld.run { world in
            let account = await world.account("HQ", in: await world.organization("Acme"))
            let answer = await world.post("/accounts/\(account)/access/tokens/validate", body)
            #expect(answer.status == 400)
            #expect(answer.code == 21400)
            #expect(answer.pointers == pointers)
        }
    }

    @Test(
        "what a token may be is for the rules, not for the body",
        arguments: [
            ("", "malformed"), (" ", "malformed"), (String(repeating: "A", count: 20_000), "too_large"),
        ])
    func anyToken(_ token: String, _ reason: String) async throws {
        try await FederationWorld.run { world in
            let account = await world.account("HQ", in: await world.organization("Acme"))
            #expect(await world.validate(token, for: account)["reason"] == .string(reason))
        }
    }

    @Test("validation needs its right, works without Access, and leaves no audit row")
    func rights() async throws {
        try await FederationWorld.run { world in
            let organization = await world.organization("Acme")
            let account = await world.post("/accounts", ["name": "Plain", "unit": ["id": .string(organization)]]).id
            let other = await world.account("Other", in: organization)
            let path = "/accounts/\(account)/access/tokens/validate"
            let before = try await world.auditCount()
            #expect(await world.post(path, ["token": "x"]).result["reason"] == "malformed")
            #expect(try await world.auditCount() == before)
            func token(of owner: String, _ group: String) async -> String {
                let known = await world.get("/accounts/\(owner)/tokens/permission_groups").result.arrayValue ?? []
                let id = known.first { $0["name"]?.stringValue == group }?["id"] ?? .null
                let made = await world.post(
                    "/accounts/\(owner)/tokens",
                    [
                        "name": "t",
                        "policies": [
                            [
                                "effect": "allow", "permission_groups": [["id": id]],
                                "resources": .object(["com.cloudflare.api.account.\(owner)": "*"]),
                            ]
                        ],
                    ])
                return made.result["value"]?.stringValue ?? ""
            }
            let allowed = await token(of: account, "Token Validation Run")
            let reader = await token(of: account, "Account Settings Read")
            let stranger = await token(of: other, "Token Validation Run")
            #expect(await world.post(path, ["token": "x"], as: allowed).status == 200)
            #expect(await world.post(path, ["token": "x"], as: reader).status == 403)
            #expect(await world.post(path, ["token": "x"], as: stranger).status == 404)
        }
    }

    @Test("enforcement and its end take effect on the next call")
    func enforcement() async throws {
        try await FederationWorld.run { world in
            let bridged = await Bridged(world)
            let second = try world.secondProvider(clientID: "second")
            let own = await world.identityProvider(in: bridged.recipient, at: second)
            let token = try second.token(for: world.alice)
            #expect(await world.validate(token, for: bridged.recipient)["idp_id"] == .string(own))
            let path = "/organizations/\(bridged.organization)/primary_idp?force=true"
            #expect(await world.send(.patch, path, ["mode": "enforce"]).status == 200)
            #expect(await world.validate(token, for: bridged.recipient)["reason"] == "idp_not_allowed")
            #expect(try await world.validate(world.idp.token(for: world.bob), for: bridged.recipient)["active"] == true)
            #expect(await world.send(.patch, path, ["mode": "report"]).status == 200)
            #expect(await world.validate(token, for: bridged.recipient)["active"] == true)
            await second.stop()
        }
    }

    @Test("an ended connection takes effect on the next call, and a new one too")
    func endedConnection() async throws {
        try await FederationWorld.run { world in
            let bridged = await Bridged(world)
            let token = try world.idp.token(for: world.alice)
            #expect(await world.validate(token, for: bridged.recipient)["active"] == true)
            let path = "/organizations/\(bridged.organization)/primary_idp"
            _ = await world.send(.patch, path, ["exempt_account_ids": [.string(bridged.recipient)]])
            #expect(await world.validate(token, for: bridged.recipient)["reason"] == "idp_not_allowed")
            #expect(await world.validate(token, for: bridged.source)["active"] == true)
            _ = await world.send(.patch, path, ["exempt_account_ids": []])
            let again = await world.validate(token, for: bridged.recipient)
            #expect(again["active"] == true)
            #expect(again["idp_id"] != .string(bridged.connection))
        }
    }

    @Test("a changed configuration takes effect on the next call")
    func changedProvider() async throws {
        try await FederationWorld.run { world in
            let bridged = await Bridged(world)
            let token = try world.idp.token(for: world.alice)
            #expect(await world.validate(token, for: bridged.recipient)["active"] == true)
            let path = "/accounts/\(bridged.source)/access/identity_providers/\(bridged.provider)"
            var config = await world.get(path).result["config"]?.objectValue ?? [:]
            config["client_id"] = "another"
            let changed = await world.send(.put, path, ["name": "Login", "type": "oidc", "config": .object(config)])
            #expect(changed.status == 200)
            #expect(await world.validate(token, for: bridged.recipient)["reason"] == "wrong_audience")
            config["client_id"] = "orgd"
            config["issuer"] = "https://elsewhere.example.org"
            _ = await world.send(.put, path, ["name": "Login", "type": "oidc", "config": .object(config)])
            #expect(await world.validate(token, for: bridged.recipient)["reason"] == "unknown_issuer")
        }
    }

    @Test("keys that rotate are found, and keys that are withdrawn are gone")
    func rotation() async throws {
        try await FederationWorld.run { world in
            let bridged = await Bridged(world)
            let old = try world.idp.token(for: world.alice)
            #expect(await world.validate(old, for: bridged.recipient)["active"] == true)
            try world.idp.rotateKeys(keepingOld: true)
            let fresh = try world.idp.token(for: world.alice)
            #expect(await world.validate(fresh, for: bridged.recipient)["active"] == true)
            #expect(await world.validate(old, for: bridged.recipient)["active"] == true)
            try world.idp.rotateKeys(keepingOld: false)
            let forget = "/accounts/\(bridged.source)/access/identity_providers/\(bridged.provider)/discovery_cache"
            #expect(await world.send(.delete, forget).status == 200)
            #expect(await world.validate(old, for: bridged.recipient)["reason"] == "unknown_key")
            #expect(await world.validate(fresh, for: bridged.source)["reason"] == "unknown_key")
            #expect(world.idp.keyRequests == 3)
        }
    }

    @Test("a provider that is away keeps validating for a day, and one never seen is unreachable")
    func outage() async throws {
        try await FederationWorld.run { world in
            let bridged = await Bridged(world)
            let token = try world.idp.token(for: world.alice, lifetime: .seconds(7 * 86_400))
            #expect(await world.validate(token, for: bridged.recipient)["active"] == true)
            await world.idp.stop()
            world.clock.advance(by: .seconds(3600))
            #expect(await world.validate(token, for: bridged.recipient)["active"] == true)
            world.clock.advance(by: .seconds(86_400))
            #expect(await world.validate(token, for: bridged.recipient)["reason"] == "idp_unreachable")
        }
    }

    @Test("a provider without an issuer learns it from its first valid token and keeps it")
    func learning() async throws {
        try await FederationWorld.run { world in
            let account = await world.account("HQ", in: await world.organization("Acme"))
            let nowhere = "http://127.0.0.1:9/authorize"
            let id = await world.identityProvider(in: account, ["issuer": .null, "auth_url": .string(nowhere)])
            let first = try world.idp.token(for: world.alice, changing: ["iss": "https://tenant.example.net"])
            #expect(await world.validate(first, for: account)["idp_id"] == .string(id))
            let second = try world.idp.token(for: world.alice, changing: ["iss": "https://other.example.net"])
            #expect(await world.validate(second, for: account)["reason"] == "unknown_issuer")
            #expect(await world.validate(first, for: account)["active"] == true)
        }
    }

    @Test("a provider without an issuer learns it from discovery at the origin of auth_url")
    func discovered() async throws {
        try await FederationWorld.run { world in
            let account = await world.account("HQ", in: await world.organization("Acme"))
            _ = await world.identityProvider(in: account, ["issuer": .null])
            let foreign = try world.idp.token(for: world.alice, changing: ["iss": "https://other.example.net"])
            #expect(await world.validate(foreign, for: account)["reason"] == "unknown_issuer")
            #expect(try await world.validate(world.idp.token(for: world.alice), for: account)["active"] == true)
        }
    }

    /// Signed well and with good claims, but of no session that this server knows: the last rule refuses them. That those
    /// of a session are valid is shown with sessions.
    @Test("tokens of the account's own applications are held to every rule")
    func ownTokens() async throws {
        try await FederationWorld.run { world in
            let account = await world.account("HQ", in: await world.organization("Acme"))
            let app = await world.post(
                "/accounts/\(account)/access/apps",
                ["name": "wiki", "type": "self_hosted", "domain": "wiki.example.org"])
            let aud = app.result["aud"]?.stringValue ?? ""
            #expect(await world.post("/accounts/\(account)/access/keys/rotate").status == 200)
            let (id, at) = (try #require(AccountID(hex: account)), world.clock.now)
            let (keyID, sealed) = try await world.plane.store.background { (reader) throws(Failure) in
                guard let key = try reader.signingKey(of: id, at: at), let sealed = try reader.sealedPrivateKey(key.id)
                else {
                    throw .inconsistent("no key")
                }
                return (key.id, sealed)
            }
            let pkcs8 = try world.plane.vault.open(sealed, for: SealedKeys.purpose(of: keyID))
            let key = try PrivateKey(pkcs8: pkcs8)
            let now = world.clock.now.seconds
            func token(_ changes: JSONObject = [:], signedBy signer: PrivateKey? = nil) throws -> String {
                var claims: JSONObject = [
                    "iss": "http://hq.access.test:8787", "aud": [.string(aud)], "email": "ann@example.org",
                    "type": "app",
                    "sub": "7335d417-61da-459d-899c-0a01c76a2f94", "iat": .integer(now), "nbf": .integer(now),
                    "exp": .integer(now + 3600), "identity_nonce": "6ei69kawdKzMIAPF",
                ]
                for (name, value) in changes { claims[name] = value.isNull ? nil : value }
                return try JWTSigner(signer ?? key, algorithm: .rs256, keyID: keyID.hex).sign(claims)
            }
            let good = await world.validate(try token(), for: account)
            #expect(good["reason"] == "revoked")
            let service = try token([
                "sub": "", "email": .null, "common_name": "e367826f93b8d71185e03fe518aff3b4.access",
            ])
            #expect(await world.validate(service, for: account)["reason"] == "revoked")
            #expect(try await world.validate(token(), for: account, ["audience": .string(aud)])["reason"] == "revoked")
            #expect(try await world.validate(token(), for: account, ["audience": "x"])["reason"] == "wrong_audience")
            let org = try token(["aud": [.string(String(repeating: "a", count: 64))], "type": "org"])
            #expect(await world.validate(org, for: account)["reason"] == "wrong_audience")
            #expect(try await world.validate(token(["exp": .integer(now - 100)]), for: account)["reason"] == "expired")
            let forged = try token(signedBy: PrivateKey.generate(.rsa(bits: 2048)))
            #expect(await world.validate(forged, for: account)["reason"] == "bad_signature")
        }
    }
}

@Suite("Looking at identity providers")
struct FederationProbeTests {
    @Test("a test tells what discovery and keys say")
    func found() async throws {
        try await FederationWorld.run { world in
            let account = await world.account("HQ", in: await world.organization("Acme"))
            let made = await world.post(
                "/accounts/\(account)/access/identity_providers",
                [
                    "name": "Okta", "type": "okta",
                    "config": ["client_id": "orgd", "client_secret": "s", "okta_account": .string(world.idp.issuer)],
                ])
            let answer = await world.post("/accounts/\(account)/access/identity_providers/\(made.id)/test")
            #expect(answer.status == 200)
            #expect(answer.result["success"] == true)
            #expect(answer.result["issuer"] == .string(world.idp.issuer))
            #expect(answer.result["endpoints"]?["jwks_uri"] == .string(world.idp.issuer + "/keys"))
            #expect(answer.result["keys"]?.arrayValue?.count == 2)
            #expect(answer.result["problems"] == [])
            await world.idp.stop()
            let away = await world.post("/accounts/\(account)/access/identity_providers/\(made.id)/test")
            #expect(away.status == 200)
            #expect(away.result["success"] == false)
            #expect(away.result["problems"]?.arrayValue?.count == 1)
        }
    }

    @Test("a test learns the issuer of a provider that names none, so that its people can come in")
    func learns() async throws {
        try await FederationWorld.run { world in
            let organization = await world.organization("Acme")
            let source = await world.account("HQ", in: organization)
            let provider = await world.identityProvider(in: source, ["issuer": .null])
            await world.primary(provider, of: source, for: organization)
            _ = await world.member(world.alice.email, of: organization)
            let token = try world.idp.token(for: world.alice)
            let path = "/organizations/\(organization)"
            #expect(await world.get(path, as: token).status == 401)
            let found = await world.post("/accounts/\(source)/access/identity_providers/\(provider)/test")
            #expect(found.result["issuer"] == .string(world.idp.issuer))
            #expect(await world.get(path, as: token).status == 200)
        }
    }

    @Test("what cannot be tested says why")
    func refused() async throws {
        try await FederationWorld.run { world in
            let organization = await world.organization("Acme")
            let source = await world.account("HQ", in: organization)
            let recipient = await world.account("EMEA", in: organization)
            let provider = await world.identityProvider(in: source)
            await world.primary(provider, of: source, for: organization)
            let base = "/accounts/\(recipient)/access/identity_providers"
            let connection = await world.get(base).result[0]?["id"]?.stringValue ?? ""
            #expect(await world.post("\(base)/\(connection)/test").code == 12136)
            #expect(await world.send(.delete, "\(base)/\(connection)/discovery_cache").code == 12136)
            #expect(await world.post("\(base)/\(provider)/test").code == 12135)
            for (type, config) in [
                ("saml", ["issuer_url": "x", "sso_target_url": "https://saml.example.org"]),
                ("github", ["client_id": "a", "client_secret": "b"]),
            ] as [(String, JSONValue)] {
                let made = await world.post(base, ["name": .string(type), "type": .string(type), "config": config])
                let answer = await world.post("\(base)/\(made.id)/test")
                #expect(answer.code == 12130)
                #expect(answer.text.contains("type not supported for login"))
            }
        }
    }

    @Test("enforcing a provider that does not answer is refused")
    func enforcing() async throws {
        try await FederationWorld.run { world in
            let organization = await world.organization("Acme")
            let source = await world.account("HQ", in: organization)
            let provider = await world.identityProvider(in: source)
            #expect(await world.primary(provider, of: source, for: organization).status == 200)
            await world.idp.stop()
            let answer = await world.send(
                .patch, "/organizations/\(organization)/primary_idp?force=true", ["mode": "enforce"])
            #expect(answer.status == 403)
            #expect(answer.code == 21107)
        }
    }
}
