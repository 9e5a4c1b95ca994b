import HTTP

extension Agent {
    private static let redirectLimit = 10

    /// Sends a request, with a token where the resource wants one: a stored one, else one that a person gives.
    ///
    /// Redirects are followed as browsers do. A token goes to the resource it is for and nowhere else, a sign-in begins at
    /// the origin that was asked for and nowhere else, and what the caller said in secret fields stays at that origin.
    ///
    /// - Parameter followsRedirects: `false` makes a redirect the answer.
    package func fetch(
        _ request: OutgoingRequest, followsRedirects: Bool = true
    ) async throws(ClientError) -> IncomingAnswer {
        guard let home = WebAddress(request.url), !home.hasUserInfo else {
            throw .misuse("\(request.url) is no http or https URL")
        }
        var request = request
        var url = home
        var hops = 0
        while true {
            let answer = try await authorized(request, to: url, maySignIn: url.origin == home.origin)
            guard followsRedirects, let next = try Self.redirected(request, from: url, answer) else { return answer }
            hops += 1
            guard hops <= Self.redirectLimit else { throw .untrusted("\(home.origin) redirects in a circle") }
            (request, url) = next
        }
    }

    private func authorized(
        _ request: OutgoingRequest, to url: WebAddress, maySignIn: Bool
    ) async throws(ClientError) -> IncomingAnswer {
        var grant = try await grant(for: url)
        var answer = try await send(request, with: grant)
        guard let challenge = Self.challenge(of: answer) else { return answer }
        if let used = grant, let renewed = try await renewed(used) {
            grant = renewed
            answer = try await send(request, with: renewed)
            guard Self.challenge(of: answer) != nil else { return answer }
        }
        guard maySignIn else { return answer }
        // A token for a larger part of the origin may be refused by a smaller one that is another application.
        let granted = try await signIn(to: url, challenge, rejected: grant, isExact: grant != nil)
        answer = try await send(request, with: granted)
        guard grant == nil, let challenge = Self.challenge(of: answer) else { return answer }
        let exact = try await AgentDiscovery(transport).resource(at: url, challenge)
        guard exact.identifier != granted.resource else { return answer }
        return try await send(request, with: try await signIn(to: url, challenge, rejected: granted, isExact: true))
    }

    /// What an answer asks for: 401, and the 400 that some APIs give to whoever shows no credentials, where it says who
    /// gives tokens.
    private static func challenge(of answer: IncomingAnswer) -> BearerChallenge? {
        guard let challenge = BearerChallenge(of: answer) else { return nil }
        return answer.status == 401 || (answer.status == 400 && challenge.resourceMetadata != nil) ? challenge : nil
    }

    private func send(
        _ request: OutgoingRequest, with grant: AgentGrant?
    ) async throws(ClientError) -> IncomingAnswer {
        var request = request
        request.authorization = grant?.accessToken
        do throws(TransportFailure) {
            return try await transport.send(request)
        } catch {
            throw .agent(.unreachable(url: request.url, reason: error.reason))
        }
    }

    /// The request that a redirect asks for (RFC 9110 §15.4); `nil` when the answer is none.
    private static func redirected(
        _ request: OutgoingRequest, from url: WebAddress, _ answer: IncomingAnswer
    ) throws(ClientError) -> (OutgoingRequest, WebAddress)? {
        let keepsMethod: Bool
        switch answer.status {
        case 301, 302: keepsMethod = request.method != "POST"
        case 303: keepsMethod = request.method == "HEAD"
        case 307, 308: keepsMethod = true
        default: return nil
        }
        guard let location = answer.field("location") else { return nil }
        guard let target = url.resolving(location), !target.hasUserInfo else {
            throw .untrusted("\(url.origin) redirects to an address that cannot be used")
        }
        guard target.scheme == .https || url.scheme == .http else {
            throw .untrusted("\(url.origin) redirects to \(target.origin), which has no TLS")
        }
        var next = request
        next.url = target.origin + target.target
        if !keepsMethod {
            next.method = "GET"
            next.body = nil
            next.fields.removeAll { $0.name.lowercased().hasPrefix("content-") }
        }
        if target.origin != url.origin {
            guard next.body == nil else {
                throw .untrusted("\(url.origin) wants the body of the request sent to \(target.origin)")
            }
            let secret: Set<String> = ["authorization", "cookie", "proxy-authorization", "x-api-key"]
            next.fields.removeAll { secret.contains($0.name.lowercased()) }
        }
        return (next, target)
    }
}
