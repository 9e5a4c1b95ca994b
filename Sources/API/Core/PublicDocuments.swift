import ControlPlane
import HTTP
import Primitives
import Store
import Telemetry

/// What answers outside `/client/v4`, to anybody: health, metrics, the API's description.
struct PublicDocuments {
    private let publicURL: String

    init(publicURL: String) { self.publicURL = publicURL }

    /// - Parameters:
    ///   - isPublic: whether the request came to a name of the server itself. Elsewhere there is nothing to read.
    ///   - namesResource: whether the API describes itself as a protected resource.
    func answer(
        to request: Request, options: APIOptions, isPublic: Bool, namesResource: () -> Bool, ray: String
    ) -> Response {
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
            case APICatalog.path: catalog(request, namesResource: namesResource())
            case "/" where isPublic: front(request)
            case let path where isPublic && path.hasPrefix(Self.docs):
                page(path.dropFirst(Self.docs.utf8.count), request)
            default: Response(.notFound, text: "not found\n")
            }
        response.fields.append(.cfRay, ray)
        return response
    }

    // MARK: Documentation

    private static let docs = "/docs/"

    private func front(_ request: Request) -> Response {
        var response = written(EmbeddedDocuments.readMe, request)
        APICatalog.announce(in: &response)
        return response
    }

    /// A document by the name of its file, with or without the ending: links between the files lead on here.
    private func page(_ name: Substring, _ request: Request) -> Response {
        let stem = name.hasSuffix(".md") ? name.dropLast(3) : name
        guard let text = EmbeddedDocuments.documentation[String(stem)] else {
            let known = EmbeddedDocuments.documentation.keys.sorted().map { Self.docs + $0 }
            return Response(.notFound, text: "not found; there are\n\(known.joined(separator: "\n"))\n")
        }
        return written(text, request)
    }

    /// Markdown for programs, the same as plain text for browsers, which would save it to a file otherwise.
    private func written(_ text: String, _ request: Request) -> Response {
        let accept = AcceptField(request)
        let isReadable = ["text/markdown", "text/html", "text/plain"].contains { accept.rating(of: $0).quality > 0 }
        var response: Response
        if !isReadable {
            response = Response(.notAcceptable, text: "there is text/markdown and text/plain\n")
        } else if request.prefersMarkdown, accept.rating(of: "text/markdown") >= accept.rating(of: "text/plain") {
            response = typed(Response(.ok, body: .bytes(Array(text.utf8))), "text/markdown; charset=utf-8")
        } else {
            response = Response(.ok, text: text)
            response.fields.append(.xContentTypeOptions, "nosniff")
        }
        response.fields.append(.vary, "Accept")
        return response
    }

    /// A linkset, and Markdown where that is asked for by name.
    private func catalog(_ request: Request, namesResource: Bool) -> Response {
        let accept = AcceptField(request)
        let isWanted = accept.rating(of: "text/markdown") >= accept.rating(of: "application/linkset+json")
        var response: Response
        if request.asksForMarkdown, isWanted {
            let text = Self.catalogText(publicURL, namesResource: namesResource)
            response = typed(Response(.ok, body: .bytes(Array(text.utf8))), "text/markdown; charset=utf-8")
        } else {
            let body = Self.catalog(publicURL, namesResource: namesResource)
            let type = "application/linkset+json; profile=\"https://www.rfc-editor.org/info/rfc9727\""
            response = typed(Response(.ok, body: .bytes(body)), type)
        }
        response.fields.append(.vary, "Accept")
        APICatalog.announce(in: &response)
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
}
