import ControlPlane
import JSON

extension PublicDocuments {
    /// What the catalogue says of the API by one relation of RFC 8631: targets below the public URL, all of one type.
    private struct Relation {
        let name: String
        /// As the Markdown form names it.
        let title: String
        let type: String
        let paths: [String]
    }

    private static func relations(namesResource: Bool) -> [Relation] {
        var relations = [
            Relation(name: "service-desc", title: "Description", type: "application/yaml", paths: ["/openapi.yaml"]),
            Relation(
                name: "service-doc", title: "Documentation", type: "text/markdown",
                paths: ["/", "/docs/managed-oauth", "/docs/errors"]),
            Relation(name: "status", title: "State", type: "text/plain", paths: ["/healthz", "/readyz"]),
        ]
        if namesResource {
            relations.append(
                Relation(
                    name: "service-meta", title: "Where access tokens are given", type: "application/json",
                    paths: ["/.well-known/oauth-protected-resource" + APITarget.path]))
        }
        return relations
    }

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
        links("item", [api], "application/json", &writer)
        writer.endObject()
        writer.beginObject()
        writer.member("anchor", api)
        for relation in relations(namesResource: namesResource) {
            links(relation.name, relation.paths.map { publicURL + $0 }, relation.type, &writer)
        }
        writer.endObject()
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    /// The same for who reads rather than follows relations.
    static func catalogText(_ publicURL: String, namesResource: Bool) -> String {
        let api = publicURL + APITarget.path
        var lines = ["# What this host offers", "", "The API is at <\(api)>.", ""]
        for relation in relations(namesResource: namesResource) {
            let targets = relation.paths.map { "<\(publicURL)\($0)>" }.joined(separator: ", ")
            lines.append("- \(relation.title) (`\(relation.type)`): \(targets)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func links(_ relation: String, _ targets: [String], _ type: String, _ writer: inout JSONWriter) {
        writer.key(relation)
        writer.beginArray()
        for target in targets {
            writer.beginObject()
            writer.member("href", target)
            writer.member("type", type)
            writer.endObject()
        }
        writer.endArray()
    }
}
