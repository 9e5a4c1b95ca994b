package import HTTP

/// Where programs find what a host offers, from its name alone (RFC 9727).
package enum APICatalog {
    package static let path = "/.well-known/api-catalog"

    /// Points to the catalogue, in the answer to `GET /` and `HEAD /` and in that of the catalogue itself (RFC 9727 §3).
    package static func announce(in response: inout Response) {
        response.fields.append(.link, "<\(path)>; rel=\"api-catalog\"")
    }
}
