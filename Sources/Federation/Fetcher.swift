package import HTTP

/// Gets documents of identity providers. Implementations keep to ``FetchRules`` and to the address rules of the
/// configuration.
package protocol Fetcher: Sendable {
    func fetch(_ url: WebAddress) async throws(FetchFailure) -> FetchedDocument

    /// Sends a form to a token endpoint (RFC 6749 §3.2). Never repeated and never redirected: what it sends works once.
    func post(
        _ form: QueryString, to url: WebAddress, authorization: String?
    ) async throws(FetchFailure) -> FetchedDocument

    /// Asks a service of an account something, as JSON. Never repeated and never redirected; as short as a fetch.
    func ask(_ question: [UInt8], of url: WebAddress) async throws(FetchFailure) -> FetchedDocument
}

/// The bounds of one fetch (contract 40 §10).
package enum FetchRules {
    package static let deadline = Duration.seconds(5)
    package static let bodyLimit = 256 * 1024
    /// All on the host that was asked first.
    package static let redirectLimit = 3
    /// Of an exchange at a token endpoint (contract 40 §1).
    package static let exchangeDeadline = Duration.seconds(10)
}

/// A response, whatever its status.
package struct FetchedDocument: Sendable {
    package let status: Int
    package let fields: Fields
    package let body: [UInt8]

    package init(status: Int, fields: Fields = Fields(), body: [UInt8]) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}

/// Why there is no document, as a sentence that holds nothing the server sent.
package struct FetchFailure: Error, Sendable, Equatable {
    package let explanation: String

    package init(_ explanation: String) { self.explanation = explanation }
}

/// For processes without a network: every fetch fails.
package struct OfflineFetcher: Fetcher {
    package init() {}

    package func fetch(_ url: WebAddress) async throws(FetchFailure) -> FetchedDocument {
        throw FetchFailure("there is no network here")
    }

    package func post(
        _ form: QueryString, to url: WebAddress, authorization: String?
    ) async throws(FetchFailure) -> FetchedDocument {
        throw FetchFailure("there is no network here")
    }

    package func ask(_ question: [UInt8], of url: WebAddress) async throws(FetchFailure) -> FetchedDocument {
        throw FetchFailure("there is no network here")
    }
}
