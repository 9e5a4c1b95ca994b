import Foundation
import JSON
import TestKit
import Testing

/// The built `orgd` as an operator runs it.
@Suite("The executable", .serialized)
struct EndToEndTests {
    private static let isLong = ProcessInfo.processInfo.environment["ORGD_LONG"] != nil

    @Test("killed in the middle of parallel creates: what was acknowledged is there, and bridged")
    func kill() async throws {
        let folder = TemporaryFolder()
        var server = try await RunningOrgd.start(in: folder)
        let organization = try server.post("/organizations", ["name": "Acme"]).id
        let hub = try server.post("/accounts", ["name": "hub", "unit": ["id": .string(organization)]]).id
        _ = try server.post(
            "/accounts/\(hub)/access/organizations", ["name": "hub", "auth_domain": "hub.access.localhost"])
        let idp = try server.post("/accounts/\(hub)/access/identity_providers", World.idpBody("Okta")).id
        let primary = try server.post(
            "/organizations/\(organization)/primary_idp", ["account_id": .string(hub), "idp_id": .string(idp)])
        #expect(primary.status == 200)
        var acknowledged: Set<String> = []
        for round in 0..<(Self.isLong ? 100 : 3) {
            acknowledged.formUnion(try await server.createUntilKilled(in: organization, after: 20 + round * 7 % 60))
            #expect(try Orgd.run(["check", "--database", folder.file("orgd.sqlite")]).status == 0)
            server = try await RunningOrgd.start(in: folder)
            let found = try server.accounts(of: organization)
            #expect(acknowledged.isSubset(of: found), "lost \(acknowledged.subtracting(found))")
            let summary = try server.get("/organizations/\(organization)/idp_coverage").json["result"]?["summary"]
            #expect(summary?["missing"] == 0)
            #expect(summary?["bridged"] == .integer(found.count - 1))
        }
        #expect(!acknowledged.isEmpty)
        #expect(server.stop(SIGTERM) == 0)
    }

    @Test("a second server on the same database is refused, and so is a port that is taken")
    func second() async throws {
        let folder = TemporaryFolder()
        let server = try await RunningOrgd.start(in: folder)
        let again = try Orgd.run(["serve", "--listen", "127.0.0.1:0", "--database", folder.file("orgd.sqlite")])
        #expect(again.status == 73)
        let other = TemporaryFolder()
        let busy = try Orgd.run([
            "serve", "--listen", "127.0.0.1:\(server.port)", "--database", other.file("orgd.sqlite"),
        ])
        #expect(busy.status == 73)
        #expect(server.stop(SIGTERM) == 0)
    }

    @Test(
        "flags that make no sense are named",
        arguments: [
            ["serve", "--listen", "nowhere"], ["serve", "--no-such-flag"], ["serve", "--threads", "0"],
            ["no-such-command"],
            ["serve", "--tls-cert", "a.pem"], ["serve", "--trusted-proxies", "10.0.0.0/99"],
        ])
    func flags(arguments: [String]) throws {
        let outcome = try Orgd.run(arguments)
        #expect(outcome.status == 64)
        #expect(!outcome.errors.isEmpty)
    }

    @Test("a lost key or a newer database stops the start")
    func keyAndMigrations() async throws {
        let folder = TemporaryFolder()
        let server = try await RunningOrgd.start(in: folder)
        #expect(server.stop(SIGTERM) == 0)
        let serve = ["serve", "--listen", "127.0.0.1:0", "--database", folder.file("orgd.sqlite")]
        let key = folder.file("secret.key")
        rename(key, key + ".away")
        #expect(try Orgd.run(serve).status == 78)
        #expect(try Orgd.run(["check", "--database", folder.file("orgd.sqlite")]).status == 1)
        rename(key + ".away", key)
        try Tampering.addMigration(to: folder.file("orgd.sqlite"))
        #expect(try Orgd.run(serve).status == 78)
    }

    @Test("a damaged audit log is found by check")
    func damagedAudit() async throws {
        let folder = TemporaryFolder()
        let server = try await RunningOrgd.start(in: folder)
        #expect(try server.post("/organizations", ["name": "Acme"]).status == 200)
        #expect(server.stop(SIGTERM) == 0)
        let check = ["check", "--database", folder.file("orgd.sqlite")]
        #expect(try Orgd.run(check).status == 0)
        try Tampering.changeAudit(in: folder.file("orgd.sqlite"))
        let outcome = try Orgd.run(check)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("audit chain is broken"))
    }
}
