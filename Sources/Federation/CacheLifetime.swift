package import HTTP

/// How long a response says that it stays fresh (RFC 9111 §5.2.2.1), within the bounds of contract 40 §10.
package enum CacheLifetime {
    package static let shortest = Duration.seconds(60)
    package static let longest = Duration.seconds(86_400)
    package static let unstated = Duration.seconds(600)

    package static func of(_ fields: Fields) -> Duration {
        for value in fields.values(.cacheControl) {
            for directive in value.lowercased().split(separator: ",") {
                let parts = directive.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " && $0 != "\"" } }
                switch (parts.first, parts.count) {
                case ("max-age", 2):
                    if let seconds = Int(parts[1]) { return clamped(.seconds(max(0, min(seconds, 1 << 30)))) }
                case ("no-store", 1), ("no-cache", 1): return shortest
                default: break
                }
            }
        }
        return unstated
    }

    private static func clamped(_ lifetime: Duration) -> Duration { min(max(lifetime, shortest), longest) }
}
