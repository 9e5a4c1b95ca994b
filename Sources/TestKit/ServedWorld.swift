import API
import EventLoops
import HTTP
import HTTPClient
import HTTPServer
package import JSON
import Primitives

/// A ``World`` behind sockets on loopback, with a client for it.
package final class ServedWorld: Sendable {
    private let server: Server
    private let client: OutboundClient
    private let origin: String

    package init(_ world: World) throws {
        let options = world.options
        guard let address = SocketAddress("127.0.0.1:0") else { preconditionFailure("loopback is no address") }
        server = Server(ServerOptions(address: address), group: world.group) { loop in
            do { return try APIHandler(options, loop: loop) } catch { preconditionFailure("no reader: \(error)") }
        }
        origin = "http://\(try server.start())"
        var settings = HTTPClientOptions()
        settings.totalDeadline = .seconds(60)
        settings.idleConnectionsPerOrigin = 64
        client = try OutboundClient(settings, group: world.group)
    }

    /// The status of a request to `/client/v4`.
    package func post(_ path: String, _ body: JSONValue) async throws -> Int {
        guard let url = WebAddress(origin + "/client/v4" + path) else { preconditionFailure("\(path) is no path") }
        var fields = Fields()
        fields.append(.authorization, "Bearer \(World.root)")
        fields.append(.contentType, "application/json")
        let request = OutboundRequest(.post, url, fields: fields, body: body.serializedBytes())
        return Int(try await client.send(request).status.code)
    }

    package func close() async {
        client.closeIdleConnections()
        await server.drain(within: .seconds(5))
    }
}
