import APIClient
import CommandLine
import JSON
import Primitives

/// The discovery document of an OpenID Connect issuer, fetched from here.
enum Discovery {
    /// - Throws: ``ClientError/invalidInput(_:)`` for what is no document of that issuer.
    static func document(of issuer: String, _ session: Session) async throws(ClientError) -> JSONValue {
        var base = issuer
        while base.last == "/" { base.removeLast() }
        let answer = try await fetch("GET", base + "/.well-known/openid-configuration", session)
        guard answer.status == 200, let document = try? JSONParser.parse(answer.body) else {
            throw .invalidInput("\(base)/.well-known/openid-configuration answers with status \(answer.status)")
        }
        guard document["issuer"]?.stringValue == issuer else {
            throw .invalidInput("the discovery document of \(issuer) names another issuer")
        }
        return document
    }

    /// One request to somebody who gets no API token.
    static func fetch(
        _ method: String, _ url: String, form: [(String, String)] = [], _ session: Session
    ) async throws(ClientError) -> IncomingAnswer {
        var request = OutgoingRequest(method: method, url: url, fields: [("Accept", "application/json")])
        if !form.isEmpty {
            let text = form.map { "\(PercentEncoding.encode($0.0))=\(PercentEncoding.encode($0.1))" }.joined(
                separator: "&")
            request.body = Array(text.utf8)
            request.fields.append(("Content-Type", "application/x-www-form-urlencoded"))
        }
        do throws(TransportFailure) {
            return try await session.transport.send(request)
        } catch {
            throw .unreachable(url: url, reason: error.reason)
        }
    }
}
