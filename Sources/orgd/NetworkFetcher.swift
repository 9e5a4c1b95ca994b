import EventLoops
import Federation
import HTTP
import HTTPClient
import Primitives
import Synchronization
import Telemetry

/// Gets documents of identity providers over the network.
///
/// Loopback has a client of its own: only an address that says loopback may lead there, while a public name that
/// resolves to it must not. Clients are made when they are first needed, because reading the certificate authorities
/// takes longer than the rest of a start.
struct NetworkFetcher: Fetcher {
    private let publicClient: LazyClient
    private let loopbackClient: LazyClient
    private let fetches: CounterFamily

    /// - Parameter allowed: networks that are not public and may be fetched from all the same.
    init(allowing allowed: [CIDR], group: EventLoopGroup, _ registry: MetricsRegistry) {
        fetches = registry.counter(
            "orgd_idp_fetches_total", help: "Requests to identity providers and evaluation services, by outcome.",
            labels: ["outcome"])
        let loopback = [CIDR("127.0.0.0/8"), CIDR("::1/128")].compactMap { $0 }
        publicClient = LazyClient(Self.options(.publicOnly(allowing: allowed)), group)
        loopbackClient = LazyClient(Self.options(.publicOnly(allowing: allowed + loopback)), group)
    }

    private static func options(_ addresses: AddressPolicy) -> HTTPClientOptions {
        var options = HTTPClientOptions()
        options.addresses = addresses
        options.plainHTTP = .loopbackOnly
        options.totalDeadline = FetchRules.deadline
        options.bodyLimit = FetchRules.bodyLimit
        return options
    }

    func fetch(_ url: WebAddress) async throws(FetchFailure) -> FetchedDocument {
        var request = OutboundRequest(.get, url, fields: [.accept: "application/json"])
        request.redirectLimit = FetchRules.redirectLimit
        return try await send(request)
    }

    func post(
        _ form: QueryString, to url: WebAddress, authorization: String?
    ) async throws(FetchFailure) -> FetchedDocument {
        var fields: Fields = [.accept: "application/json", .contentType: "application/x-www-form-urlencoded"]
        if let authorization { fields.append(.authorization, authorization) }
        var request = OutboundRequest(.post, url, fields: fields, body: Array(form.text.utf8))
        request.deadline = FetchRules.exchangeDeadline
        return try await send(request)
    }

    func ask(_ question: [UInt8], of url: WebAddress) async throws(FetchFailure) -> FetchedDocument {
        try await send(
            OutboundRequest(
                .post, url, fields: [.accept: "application/json", .contentType: "application/json"], body: question))
    }

    private func send(_ request: OutboundRequest) async throws(FetchFailure) -> FetchedDocument {
        do throws(HTTPClientError) {
            let client = try (request.url.isLoopback ? loopbackClient : publicClient).client()
            let response = try await client.send(request)
            fetches.with([response.status.isSuccess ? "ok" : "status"]).increment()
            return FetchedDocument(
                status: Int(response.status.code), fields: response.fields, body: response.body)
        } catch {
            fetches.with(["failed"]).increment()
            throw FetchFailure(error.explanation)
        }
    }
}

/// A client that is made on first use.
final class LazyClient: Sendable {
    private let options: HTTPClientOptions
    private let group: EventLoopGroup
    private let made = Mutex<OutboundClient?>(nil)

    init(_ options: HTTPClientOptions, _ group: EventLoopGroup) {
        self.options = options
        self.group = group
    }

    func client() throws(HTTPClientError) -> OutboundClient {
        try made.withLock { made throws(HTTPClientError) in
            if let made { return made }
            let client = try OutboundClient(options, group: group)
            made = client
            return client
        }
    }
}
