import ControlPlane
import EventLoops
import Federation
import HTTP
import HTTPClient
import Primitives
import Telemetry

/// Gets documents of OAuth clients over the network (contract 50 §6). Anybody may name any address, so that no other than
/// a public one is connected to unless the configuration allows its network: loopback too. No redirect is followed.
struct NetworkClientDocuments: ClientDocumentFetcher {
    private let client: LazyClient
    private let fetches: CounterFamily

    init(allowing allowed: [CIDR], group: EventLoopGroup, _ registry: MetricsRegistry) {
        fetches = registry.counter(
            "orgd_oauth_client_fetches_total", help: "Documents of OAuth clients fetched, by outcome.",
            labels: ["outcome"])
        var options = HTTPClientOptions()
        options.addresses = .publicOnly(allowing: allowed)
        options.plainHTTP = .never
        options.totalDeadline = ClientDocuments.deadline
        options.bodyLimit = ClientDocuments.bodyLimit
        // Whoever is asked once is rarely asked again soon.
        options.idleConnections = 0
        client = LazyClient(options, group)
    }

    func fetchClientDocument(_ url: WebAddress) async throws(FetchFailure) -> FetchedDocument {
        let request = OutboundRequest(.get, url, fields: [.accept: "application/json"])
        do throws(HTTPClientError) {
            let response = try await client.client().send(request)
            fetches.with([response.status.isSuccess ? "ok" : "status"]).increment()
            return FetchedDocument(status: Int(response.status.code), fields: response.fields, body: response.body)
        } catch {
            fetches.with(["failed"]).increment()
            // One sentence for all: to tell names that lead inside from names that lead nowhere is nobody's business.
            throw FetchFailure(
                "the server at the address that is its name did not answer with a small document in time")
        }
    }
}
