package import ControlPlane
package import HTTP
package import Primitives
package import Telemetry

/// Everything the REST API is wired with; shared by its handlers on all loops.
package struct APIOptions: Sendable {
    package let plane: Plane
    package let router: Router
    package let limiter: RateLimiter
    package let logger: Logger
    package let metrics: APIMetrics
    /// `nil` where nobody comes in with an ID token.
    package let identityTokens: (any IdentityTokenAuthenticator)?
    /// Networks whose `X-Forwarded-*` fields are believed.
    package let trustedProxies: TrustedProxies
    /// Hosts under which the REST API answers, lowercase and without a port.
    package let hosts: Set<String>
    package let readiness: DatabaseReadiness

    package init(
        plane: Plane, router: Router, limiter: RateLimiter, logger: Logger, metrics: APIMetrics,
        identityTokens: (any IdentityTokenAuthenticator)?, trustedProxies: [CIDR], hosts: Set<String>,
        readiness: DatabaseReadiness
    ) {
        self.plane = plane
        self.router = router
        self.limiter = limiter
        self.logger = logger
        self.metrics = metrics
        self.identityTokens = identityTokens
        self.trustedProxies = TrustedProxies(trustedProxies)
        self.hosts = hosts
        self.readiness = readiness
    }
}
