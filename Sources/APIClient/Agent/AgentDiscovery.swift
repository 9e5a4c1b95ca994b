package import HTTP
import JSON

/// Finds out who gives tokens for a resource (RFC 9728, RFC 8414), believing nothing that does not fit together.
package struct AgentDiscovery: Sendable {
    private let transport: any Transport

    package init(_ transport: any Transport) { self.transport = transport }

    /// What the resource at `url` says about itself: at the place its challenge names, else at the well-known ones.
    ///
    /// - Throws: ``AgentFault/untrusted(_:)`` when it describes something else, or names a server that is less protected.
    package func resource(
        at url: WebAddress, _ challenge: BearerChallenge?
    ) async throws(ClientError) -> ProtectedResource {
        var candidates = ProtectedResource.wellKnownAddresses(of: url)
        if let named = challenge?.resourceMetadata {
            // It describes this origin, so it is read from this origin: anything else would have us ask addresses that the
            // resource chose.
            guard WebAddress(named)?.origin == url.origin else {
                throw .untrusted("\(url.origin) describes itself at another origin: \(named)")
            }
            candidates = [named] + candidates.filter { $0 != named }
        }
        for address in candidates {
            guard let document = try await document(at: address) else { continue }
            guard let identifier = document["resource"]?.stringValue else {
                throw .untrusted("\(address) names no resource")
            }
            guard ProtectedResource.covers(identifier, url) else {
                throw .untrusted("\(address) describes \(identifier), which is not \(url.origin)\(url.path)")
            }
            return ProtectedResource(identifier: identifier, issuer: try issuer(of: document, at: address, for: url))
        }
        throw .untrusted("\(url.origin) wants a token and does not say who gives it")
    }

    /// The largest part of the origin that says of itself that it has the same authorization server, so that one sign-in
    /// serves all pages below it; `resource` itself where no parent does. At most a few parents are asked.
    package func widest(_ resource: ProtectedResource) async -> ProtectedResource {
        guard let url = WebAddress(resource.identifier) else { return resource }
        var path = ""
        let segments = url.path.split(separator: "/")
        for segment in [""] + segments.prefix(3).map(String.init) {
            if !segment.isEmpty { path += "/" + segment }
            let identifier = url.origin + path
            guard identifier.utf8.count < resource.identifier.utf8.count else { break }
            // A parent that cannot be asked is none: the sign-in goes on with what is known.
            guard let document = try? await document(at: url.origin + "/.well-known/oauth-protected-resource" + path),
                document["resource"]?.stringValue?.hasSameBytes(as: identifier) == true,
                document["authorization_servers"]?.arrayValue?.first?.stringValue?.hasSameBytes(as: resource.issuer)
                    == true
            else { continue }
            return ProtectedResource(identifier: identifier, issuer: resource.issuer)
        }
        return resource
    }

    /// The description of the server with that issuer.
    package func server(_ issuer: String) async throws(ClientError) -> AuthorizationServer {
        guard let url = WebAddress(issuer) else { throw .untrusted("\(issuer) is no issuer") }
        for address in AuthorizationServer.wellKnownAddresses(of: url) {
            guard let document = try await document(at: address) else { continue }
            return try AuthorizationServer(document, of: issuer, at: address)
        }
        throw .untrusted("\(issuer) publishes no description of itself")
    }

    private func issuer(
        of document: JSONValue, at address: String, for url: WebAddress
    ) throws(ClientError) -> String {
        guard let issuer = document["authorization_servers"]?.arrayValue?.first?.stringValue else {
            throw .untrusted("\(address) names no authorization server")
        }
        guard let parsed = WebAddress(issuer), parsed.isAcceptable, parsed.query == nil else {
            throw .untrusted(
                "\(address) names an authorization server without TLS or with a malformed address: \(issuer)")
        }
        guard parsed.scheme == .https || url.scheme == .http else {
            throw .untrusted("\(url.origin) has TLS and its authorization server \(issuer) has not")
        }
        return issuer
    }

    /// A document, or `nil` where there is none. Redirects are not followed: a description is where it is said to be.
    private func document(at address: String) async throws(ClientError) -> JSONValue? {
        var request = OutgoingRequest(method: "GET", url: address, fields: [("Accept", "application/json")])
        let answer = try await AgentExchange.send(&request, over: transport)
        switch answer.status {
        case 200: break
        case 429, 500...: throw .agent(.busy("\(address) answers with status \(answer.status)"))
        default: return nil
        }
        guard let document = try? JSONParser.parse(answer.body, limits: JSONLimits(maxDepth: 16)),
            document.objectValue != nil
        else { throw .untrusted("\(address) is no JSON object") }
        return document
    }
}

/// Small exchanges with servers that nobody has reason to trust yet.
enum AgentExchange {
    /// No description and no token answer is near as large.
    static let bodyLimit = 64 * 1024
    static let deadline = Duration.seconds(15)

    static func send(
        _ request: inout OutgoingRequest, over transport: any Transport
    ) async throws(ClientError) -> IncomingAnswer {
        request.bodyLimit = bodyLimit
        request.deadline = deadline
        do throws(TransportFailure) {
            return try await transport.send(request)
        } catch {
            throw .agent(.unreachable(url: request.url, reason: error.reason))
        }
    }

    static func post(
        _ form: QueryString, to url: String, over transport: any Transport
    ) async throws(ClientError) -> IncomingAnswer {
        var request = OutgoingRequest(
            method: "POST", url: url,
            fields: [("Accept", "application/json"), ("Content-Type", "application/x-www-form-urlencoded")],
            body: Array(form.text.utf8))
        return try await send(&request, over: transport)
    }
}
