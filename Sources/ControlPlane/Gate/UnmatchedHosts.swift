import Domain
import JSON
import Primitives
import Store

/// What happens to requests for hosts that no application guards (contract 40 §8): they are refused, unless the account
/// that the host belongs to says otherwise.
///
/// Nobody registers hosts without an application, so that a host belongs to the account with applications beside it: on
/// the same host, or under the same parent domain. An exempted zone counts where the account has an application in it.
/// On a server with a single team every host is that team's.
final class UnmatchedHosts {
    private var teams: [OpenTeam]?
    private var isOnlyTeam = false

    func forget() { teams = nil }

    func isOpen(_ host: String, _ desk: LoginDesk) throws(Failure) -> Bool {
        let open: [OpenTeam]
        if let teams {
            open = teams
        } else {
            open = try desk.reader.openTeams()
            isOnlyTeam = open.isEmpty ? false : try desk.reader.hasOneTeam()
            teams = open
        }
        return open.contains { lets(host, through: $0) }
    }

    private func lets(_ host: String, through team: OpenTeam) -> Bool {
        let document = team.document.object ?? JSONObject()
        if document["deny_unmatched_requests"]?.boolValue == false {
            if isOnlyTeam { return true }
            let parent = Self.parent(of: host)
            if team.hosts.contains(where: { $0 == host || (parent != nil && Self.parent(of: $0) == parent) }) {
                return true
            }
        }
        let zones = document["deny_unmatched_requests_exempted_zone_names"]?.arrayValue ?? []
        return zones.contains { item in
            guard let zone = item.stringValue?.lowercased(), Self.isIn(zone, host) else { return false }
            return isOnlyTeam || team.hosts.contains { Self.isIn(zone, $0) }
        }
    }

    private static func parent(of host: String) -> Substring? {
        guard let dot = host.firstIndex(of: ".") else { return nil }
        return host[host.index(after: dot)...]
    }

    private static func isIn(_ zone: String, _ host: String) -> Bool {
        host == zone || (host.hasSuffix(zone) && host.dropLast(zone.count).hasSuffix("."))
    }
}
