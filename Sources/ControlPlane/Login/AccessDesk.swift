package import Domain
import Primitives
package import Store

/// What one loop knows of teams and applications: read once, good until something changes. Belongs to one loop.
///
/// Call ``begin(_:)`` before the reads of a request. Nothing that was read under an older counter survives it, so a
/// change is in force for the next request.
package final class AccessDesk {
    /// The counter under which everything here was read.
    private(set) var generation: UInt64 = .max
    private var teams: [AccountID: TeamSettings] = [:]
    private var accounts: [String: AccountID] = [:]
    private var applications: [ApplicationID: GuardedApplication] = [:]
    private var places: [String: [GuardedPlace]] = [:]
    private var wildcards: [GuardedPlace]?
    private static let capacity = 2048

    package init() {}

    /// - Returns: whether something was forgotten.
    @discardableResult
    package func begin(_ generations: Generations) -> Bool {
        let current = generations[.access]
        guard current != generation else { return false }
        generation = current
        teams.removeAll(keepingCapacity: true)
        accounts.removeAll(keepingCapacity: true)
        applications.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        wildcards = nil
        return true
    }

    /// The account of a team name.
    package func account(ofTeam team: String, in reader: any Reading) throws(Failure) -> AccountID? {
        if let known = accounts[team] { return known }
        guard let found = try reader.account(ofTeam: team) else { return nil }
        if accounts.count >= Self.capacity { accounts.removeAll() }
        accounts[team] = found
        return found
    }

    package func team(of account: AccountID, in reader: any Reading) throws(Failure) -> TeamSettings? {
        if let known = teams[account] { return known }
        guard let found = try reader.teamSettings(of: account) else { return nil }
        if teams.count >= Self.capacity { teams.removeAll() }
        teams[account] = found
        return found
    }

    package func application(
        _ id: ApplicationID, of account: AccountID, in reader: any Reading
    ) throws(Failure) -> GuardedApplication? {
        if let known = applications[id] { return known.account == account ? known : nil }
        guard let team = try team(of: account, in: reader), let found = try reader.guardedApplication(id, of: team)
        else { return nil }
        if applications.count >= Self.capacity { applications.removeAll() }
        applications[id] = found
        return found
    }

    /// The place that guards a path of a host: the most specific host, then the longest path.
    ///
    /// - Parameters:
    ///   - host: lowercase, without a port.
    ///   - path: decoded, without dot segments.
    package func place(host: String, path: String, in reader: any Reading) throws(Failure) -> GuardedPlace? {
        let exact: [GuardedPlace]
        if let known = places[host] {
            exact = known
        } else {
            exact = try reader.guardedPlaces(on: host)
            if places.count >= Self.capacity { places.removeAll() }
            places[host] = exact
        }
        if let found = PlaceMatch.best(of: exact, path: path) { return found }
        let patterns: [GuardedPlace]
        if let wildcards {
            patterns = wildcards
        } else {
            patterns = try reader.guardedPlacesWithWildcards()
            wildcards = patterns
        }
        return patterns.isEmpty ? nil : PlaceMatch.best(of: patterns, host: host, path: path)
    }
}

/// Which of several places guards a path.
package enum PlaceMatch {
    /// Among places on one host: the longest path that covers it.
    static func best(of places: [GuardedPlace], path: String) -> GuardedPlace? {
        places.filter { covers($0.destination.path, path) }.max {
            weight($0.destination.path) < weight($1.destination.path)
        }
    }

    /// Among places with wildcards: first the host with the most literal characters.
    static func best(of places: [GuardedPlace], host: String, path: String) -> GuardedPlace? {
        places.filter { matches($0.destination.host, host) && covers($0.destination.path, path) }.max { left, right in
            let (one, other) = (left.destination, right.destination)
            if one.host.utf8.count != other.host.utf8.count { return one.host.utf8.count < other.host.utf8.count }
            return weight(one.path) < weight(other.path)
        }
    }

    private static func weight(_ path: String) -> Int { path.utf8.count { $0 != UInt8(ascii: "*") } }

    /// Whether a host with one `*` matches. A whole label `*` stands for one label or more, a part of a label for any
    /// part of that label.
    package static func matches(_ pattern: String, _ host: String) -> Bool {
        guard let star = pattern.utf8.firstIndex(of: UInt8(ascii: "*")) else { return pattern == host }
        let (head, tail) = (pattern[..<star], pattern[pattern.utf8.index(after: star)...])
        guard
            host.utf8.count > head.utf8.count + tail.utf8.count
                || (!head.isEmpty && host.utf8.count == head.utf8.count + tail.utf8.count),
            host.hasPrefix(head), host.hasSuffix(tail)
        else { return false }
        if head.isEmpty, tail.utf8.first == UInt8(ascii: ".") { return true }
        return !host.dropFirst(head.count).dropLast(tail.count).utf8.contains(UInt8(ascii: "."))
    }

    /// Whether a destination's path covers a path: on a segment border, or where its `*` lets it.
    package static func covers(_ pattern: String, _ path: String) -> Bool {
        if pattern.isEmpty { return true }
        guard pattern.utf8.contains(UInt8(ascii: "*")) else {
            guard path.utf8.starts(with: pattern.utf8) else { return false }
            return path.utf8.count == pattern.utf8.count || pattern.utf8.last == UInt8(ascii: "/")
                || path.utf8.dropFirst(pattern.utf8.count).first == UInt8(ascii: "/")
        }
        return globs(Array(pattern.utf8), Array(path.utf8))
    }

    /// `*` matches any run of bytes; what follows the pattern's end must begin a new segment. Linear in time: the last star
    /// alone is ever tried again.
    private static func globs(_ pattern: [UInt8], _ path: [UInt8]) -> Bool {
        var (p, t, star, mark) = (0, 0, -1, 0)
        while t < path.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                (star, mark) = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == path[t] {
                p += 1
                t += 1
            } else if p == pattern.count, path[t] == UInt8(ascii: "/") {
                return true
            } else if star >= 0 {
                mark += 1
                (p, t) = (star + 1, mark)
            } else {
                return false
            }
        }
        while p < pattern.count, pattern[p] == UInt8(ascii: "*") { p += 1 }
        return p == pattern.count
    }
}

extension AccessDesk {
    /// Some place on a host, whatever its path: tells whose host it is.
    package func anyPlace(host: String, in reader: any Reading) throws(Failure) -> GuardedPlace? {
        if let found = try place(host: host, path: "/", in: reader) { return found }
        if let known = places[host]?.first { return known }
        return wildcards?.first { PlaceMatch.matches($0.destination.host, host) }
    }

    /// Every place on a host.
    package func allPlaces(host: String, in reader: any Reading) throws(Failure) -> [GuardedPlace] {
        _ = try place(host: host, path: "/", in: reader)
        return (places[host] ?? []) + (wildcards ?? []).filter { PlaceMatch.matches($0.destination.host, host) }
    }
}
