package import EventLoops
package import Federation
package import HTTP
import HTTPClient

/// Gets documents over real sockets, from loopback.
package struct LoopbackFetcher: Fetcher {
    private let client: OutboundClient
    /// Deadlines are tested with the client. Here a machine that is busy with other tests must not run into them.
    private static let patience = Duration.seconds(60)

    package init(group: EventLoopGroup) throws {
        var options = HTTPClientOptions()
        options.totalDeadline = Self.patience
        options.connectDeadline = Self.patience
        client = try OutboundClient(options, group: group)
    }

    package func fetch(_ url: WebAddress) async throws(FetchFailure) -> FetchedDocument {
        var request = OutboundRequest(.get, url, fields: [.accept: "application/json"])
        request.redirectLimit = FetchRules.redirectLimit
        request.bodyLimit = FetchRules.bodyLimit
        do throws(HTTPClientError) {
            let response = try await client.send(request)
            return FetchedDocument(status: Int(response.status.code), fields: response.fields, body: response.body)
        } catch { throw FetchFailure(error.explanation) }
    }

    package func post(
        _ form: QueryString, to url: WebAddress, authorization: String?
    ) async throws(FetchFailure) -> FetchedDocument {
        var fields: Fields = [.contentType: "application/x-www-form-urlencoded"]
        if let authorization { fields.append(.authorization, authorization) }
        let request = OutboundRequest(.post, url, fields: fields, body: Array(form.text.utf8))
        do throws(HTTPClientError) {
            let response = try await client.send(request)
            return FetchedDocument(status: Int(response.status.code), fields: response.fields, body: response.body)
        } catch { throw FetchFailure(error.explanation) }
    }

    package func ask(_ question: [UInt8], of url: WebAddress) async throws(FetchFailure) -> FetchedDocument {
        var request = OutboundRequest(.post, url, fields: [.contentType: "application/json"], body: question)
        request.bodyLimit = FetchRules.bodyLimit
        do throws(HTTPClientError) {
            let response = try await client.send(request)
            return FetchedDocument(status: Int(response.status.code), fields: response.fields, body: response.body)
        } catch { throw FetchFailure(error.explanation) }
    }

    /// A form, as clients of token endpoints send it.
    package func post(
        _ url: String, _ form: QueryString, authorization: String? = nil
    ) async throws -> (status: Int, body: [UInt8]) {
        guard let address = WebAddress(url) else { throw FetchFailure("no URL") }
        var fields: Fields = [.contentType: "application/x-www-form-urlencoded"]
        if let authorization { fields.append(.authorization, authorization) }
        let response = try await client.send(
            OutboundRequest(.post, address, fields: fields, body: Array(form.text.utf8)))
        return (Int(response.status.code), response.body)
    }

    /// Any GET, whatever its status, without following redirects.
    package func get(
        _ url: String, authorization: String? = nil
    ) async throws -> (status: Int, location: String?, body: [UInt8]) {
        guard let address = WebAddress(url) else { throw FetchFailure("no URL") }
        var fields = Fields()
        if let authorization { fields.append(.authorization, authorization) }
        let response = try await client.send(OutboundRequest(.get, address, fields: fields))
        return (Int(response.status.code), response.fields[.location], response.body)
    }
}
