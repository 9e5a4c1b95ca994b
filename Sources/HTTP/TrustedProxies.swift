package import Primitives

/// The proxies whose word about a request is believed: which address the client has, and which host it asked for.
///
/// What anybody else says of that is ignored, since a client can send such fields itself.
package struct TrustedProxies: Sendable {
    private let ranges: [CIDR]

    package init(_ ranges: [CIDR]) { self.ranges = ranges }

    package func contains(_ address: IPAddress) -> Bool { ranges.contains { $0.contains(address) } }

    /// The rightmost forwarded address that is no trusted proxy; the peer itself when the peer is none, or when a hop before
    /// it is no address.
    package func clientAddress(of request: Request) -> IPAddress {
        guard contains(request.peer), request.count(.forwardedFor) > 0 else { return request.peer }
        let hops = request.values(.forwardedFor).flatMap { $0.split(separator: ",") }
        for hop in hops.reversed() {
            guard let address = IPAddress(String(hop.filter { $0 != " " && $0 != "\t" })) else { return request.peer }
            if !contains(address) { return address }
        }
        return request.peer
    }

    /// Host and port as the browser knows them: what a trusted proxy forwards, else the request's own.
    package func authority(of request: Request) -> String {
        guard request.count(.forwardedHost) == 1, contains(request.peer), let host = request.value(.forwardedHost),
            !host.utf8.contains(UInt8(ascii: ","))
        else { return request.host }
        return host
    }
}
