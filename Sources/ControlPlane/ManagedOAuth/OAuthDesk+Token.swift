import Crypto
import Domain
package import HTTP
import JSON
package import OAuth
package import Primitives
package import Store

/// What a token request is answered with (RFC 6749 §5.1).
package struct IssuedTokens: Sendable, Equatable {
    package let access: String
    /// Whole seconds.
    package let lifetime: Int64
    package let refresh: String?
    package let resource: String
}

/// Who asks the token endpoint, and where.
package struct TokenCaller: Sendable {
    package let issuer: OAuthIssuer
    package let address: IPAddress
    package let country: String
    package let ray: String
    /// Values of the field Authorization.
    package let authorization: [String]
    package let userAgent: String

    package init(
        issuer: OAuthIssuer, address: IPAddress, country: String, ray: String, authorization: [String],
        userAgent: String
    ) {
        self.issuer = issuer
        self.address = address
        self.country = country
        self.ray = ray
        self.authorization = authorization
        self.userAgent = userAgent
    }
}

extension OAuthDesk {
    /// How long an address has to wait that asks too often; `nil` while it does not.
    package func waitForToken(_ address: IPAddress) -> Duration? {
        plane.managedOAuth.tokenRequests.spend(address, at: now)
    }

    /// Exchanges a code or a refresh token (contract 50 §8). One transaction reads, judges and uses it up, so that of two
    /// requests with the same one a single one goes first.
    package func token(
        _ form: QueryString, _ caller: TokenCaller
    ) async throws(Failure) -> Result<IssuedTokens, OAuthError> {
        let resource = try resource(form, caller.issuer)
        let exchange: TokenExchange
        do throws(OAuthError) {
            let parameters = try Parameters(form, repeatable: ["resource"])
            exchange = TokenExchange(
                plane: plane, caller: caller, kind: try TokenExchange.Kind(parameters),
                credential: try ClientCredential.read(authorization: caller.authorization, parameters),
                resource: try resource.get(), now: now)
        } catch { return .failure(error) }
        return try await plane.store.writes.perform { (transaction) throws(Failure) in
            try exchange.run(in: transaction)
        }
    }

    /// The application that `resource` of a token request names; `nil` without one, and for the API.
    private func resource(
        _ form: QueryString, _ issuer: OAuthIssuer
    ) throws(Failure) -> Result<ApplicationID?, OAuthError> {
        let indicator: ResourceIndicator?
        do throws(OAuthError) { indicator = try ResourceIndicator.read(form) } catch { return .failure(error) }
        guard let indicator else { return .success(nil) }
        guard let account = issuer.account else {
            return isAPI(indicator)
                ? .success(nil) : .failure(OAuthError(.invalidTarget, "resource is not \(APITarget.name)"))
        }
        guard let application = try application(at: indicator, of: account) else {
            return .failure(OAuthError(.invalidTarget, "resource names no application with managed OAuth"))
        }
        return .success(application.id)
    }
}
