import Crypto
package import HTTP
import JSON
import Primitives

/// What is remembered between runs: a file a grant, a file a client. The folder is 0700, the files are 0600.
package struct AgentStore: Sendable {
    private let folder: PrivateFolder

    package init(folder: String) { self.folder = PrivateFolder(path: folder) }

    package var path: String { folder.path }

    // MARK: Grants

    /// Every grant, sorted by resource.
    package func grants() throws(ClientError) -> [AgentGrant] {
        var grants: [AgentGrant] = []
        for name in folder.names(ending: ".grant.json") {
            if let grant = try folder.text(of: name).flatMap({ AgentGrant(json: $0) }) { grants.append(grant) }
        }
        return grants.sorted { $0.resource < $1.resource }
    }

    /// The grant whose token may be shown to `url`: of several, that of the longest path.
    package func grant(for url: WebAddress) throws(ClientError) -> AgentGrant? {
        try grants().filter { ProtectedResource.covers($0.resource, url) }.max {
            $0.resource.utf8.count < $1.resource.utf8.count
        }
    }

    func grant(_ resource: String, _ issuer: String) throws(ClientError) -> AgentGrant? {
        try folder.text(of: Self.name(resource, issuer) + ".grant.json").flatMap { AgentGrant(json: $0) }
    }

    func save(_ grant: AgentGrant) throws(ClientError) {
        try folder.write(grant.json.exposed(), to: Self.name(grant.resource, grant.issuer) + ".grant.json")
    }

    func forget(_ grant: AgentGrant) { folder.remove(Self.name(grant.resource, grant.issuer) + ".grant.json") }

    /// Whoever changes a grant holds its lock, so that two processes do not use up one refresh token.
    func lock(_ resource: String, _ issuer: String, within limit: Duration) async throws(ClientError) -> FileLock {
        try await folder.lock(Self.name(resource, issuer) + ".lock", within: limit)
    }

    // MARK: Clients

    /// The client that was registered with an issuer.
    func client(of issuer: String) throws(ClientError) -> String? {
        guard let text = try folder.text(of: Self.name(issuer) + ".client.json"),
            let value = try? JSONParser.parse(text)
        else { return nil }
        return value["client_id"]?.stringValue
    }

    func save(client: String, of issuer: String) throws(ClientError) {
        let value: JSONValue = ["issuer": .string(issuer), "client_id": .string(client)]
        try folder.write(value.pretty() + "\n", to: Self.name(issuer) + ".client.json")
    }

    func forgetClient(of issuer: String) { folder.remove(Self.name(issuer) + ".client.json") }

    /// A name that a file may have, for things that are URLs.
    private static func name(_ parts: String...) -> String {
        Hex.encode(SHA256.hash(parts.joined(separator: "\n")).bytes.prefix(16))
    }
}
