import ControlPlane
import JSON

extension PublicDocuments {
    /// A linkset (RFC 9264) of what the host offers: the API with its description, documentation, state and metadata
    /// (RFC 9727 §4, relations of RFC 8631).
    ///
    /// - Parameter publicURL: without a slash at its end.
    /// - Parameter namesResource: whether the API describes itself as a protected resource.
    static func catalog(_ publicURL: String, namesResource: Bool) -> [UInt8] {
        let api = publicURL + APITarget.path
        var writer = JSONWriter(reserving: 1024)
        writer.beginObject()
        writer.key("linkset")
        writer.beginArray()
        writer.beginObject()
        writer.member("anchor", publicURL + APICatalog.path)
        links("item", [(api, "application/json")], &writer)
        writer.endObject()
        writer.beginObject()
        writer.member("anchor", api)
        links("service-desc", [(publicURL + "/openapi.yaml", "application/yaml")], &writer)
        let documents = ["/", "/docs/managed-oauth", "/docs/errors"]
        links("service-doc", documents.map { (publicURL + $0, "text/markdown") }, &writer)
        links("status", ["/healthz", "/readyz"].map { (publicURL + $0, "text/plain") }, &writer)
        if namesResource {
            let metadata = "/.well-known/oauth-protected-resource" + APITarget.path
            links("service-meta", [(publicURL + metadata, "application/json")], &writer)
        }
        writer.endObject()
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private static func links(_ relation: StaticString, _ targets: [(String, String)], _ writer: inout JSONWriter) {
        writer.key(relation)
        writer.beginArray()
        for (target, type) in targets {
            writer.beginObject()
            writer.member("href", target)
            writer.member("type", type)
            writer.endObject()
        }
        writer.endArray()
    }
}
