import HTTP
import JSON
import Primitives
import Store
import Telemetry

/// What answers outside `/client/v4`, to anybody: health, metrics, the API's description.
struct PublicDocuments {
    private let catalog: [UInt8]

    init(publicURL: String) {
        catalog = Self.catalog(publicURL)
    }

    func answer(to request: Request, options: APIOptions, ray: String) -> Response {
        guard request.method == .get || request.method == .head else {
            var response = Response(.methodNotAllowed, text: "use GET\n")
            response.fields.append(.allow, "GET, HEAD")
            response.fields.append(.cfRay, ray)
            return response
        }
        var response =
            switch request.path {
            case "/healthz": Response(.ok, text: "ok\n")
            case "/readyz": readiness(options)
            case "/metrics": metrics(options)
            case "/openapi.yaml":
                typed(Response(.ok, body: .bytes(Array(EmbeddedDocuments.openAPI.utf8))), "application/yaml")
            case "/docs/managed-oauth":
                typed(
                    Response(.ok, body: .bytes(Array(EmbeddedDocuments.managedOAuth.utf8))),
                    "text/markdown; charset=utf-8")
            case "/.well-known/api-catalog": typed(Response(.ok, body: .bytes(catalog)), "application/linkset+json")
            default: Response(.notFound, text: "not found\n")
            }
        response.fields.append(.cfRay, ray)
        return response
    }

    private func typed(_ response: Response, _ type: String) -> Response {
        var response = response
        response.fields.append(.contentType, type)
        return response
    }

    private func metrics(_ options: APIOptions) -> Response {
        var response = Response(.ok, body: .bytes(options.metrics.registry.render()))
        response.fields.append(.contentType, "text/plain; version=0.0.4; charset=utf-8")
        return response
    }

    /// Ready when the last write went through; a store that cannot write says so here.
    private func readiness(_ options: APIOptions) -> Response {
        switch options.readiness.state {
        case .ready: Response(.ok, text: "ready\n")
        case .notReady(let reason): Response(.serviceUnavailable, text: "not ready: \(reason)\n")
        }
    }

    /// RFC 9727 §2: where the API lives, and its description.
    private static func catalog(_ publicURL: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("linkset")
        writer.beginArray()
        writer.beginObject()
        writer.member("anchor", publicURL + "/client/v4")
        link("service-desc", publicURL + "/openapi.yaml", "application/yaml", &writer)
        link("status", publicURL + "/readyz", "text/plain", &writer)
        writer.endObject()
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private static func link(_ relation: StaticString, _ target: String, _ type: String, _ writer: inout JSONWriter) {
        writer.key(relation)
        writer.beginArray()
        writer.beginObject()
        writer.member("href", target)
        writer.member("type", type)
        writer.endObject()
        writer.endArray()
    }
}
