import TestKit

/// What the database holds of the bridge, for comparison with the model.
struct StoredBridge {
    var connections: [BridgeModel.Pair: String] = [:]
    var duplicates = 0
    var grants: [String: BridgeModel.Grant] = [:]
    var bridgeApplications: Set<String> = []
    /// Share and account of every association in force.
    var associations: Set<String> = []
    var apps: [String: [String]] = [:]
    /// Organization and mode.
    var primaries: [String: String] = [:]
    var exempt: [String: Set<String>] = [:]
    /// By nonce.
    var sessions: [String: Session] = [:]

    struct Session: Equatable {
        let idp, account: String
    }

    init(_ world: World) async throws {
        let rows = try await world.texts(
            """
            SELECT 'c ' || lower(hex(grant_id)) || ' ' || lower(hex(account_id)) || ' ' || lower(hex(id)) FROM connections
            UNION ALL SELECT 'g ' || lower(hex(id)) || ' ' || lower(hex(account_id)) || ' ' || lower(hex(idp_id)) FROM federation_grants
            UNION ALL SELECT 'b ' || lower(hex(grant_id)) FROM bridge_applications
            UNION ALL SELECT 'a ' || lower(hex(share_id)) || ' ' || lower(hex(account_id)) FROM share_associations WHERE status = 'associated'
            UNION ALL SELECT 's ' || nonce || ' ' || lower(hex(idp_id)) || ' ' || lower(hex(account_id)) FROM sessions
            UNION ALL SELECT 'n ' || lower(hex(id)) FROM applications
            UNION ALL SELECT 'p ' || lower(hex(organization_id)) || ' ' || mode FROM primary_idps
            UNION ALL SELECT 'x ' || lower(hex(organization_id)) || ' ' || lower(hex(account_id)) FROM primary_idp_exemptions
            UNION ALL SELECT * FROM (
                SELECT 'i ' || lower(hex(application_id)) || ' ' || lower(hex(idp_id)) FROM application_idps ORDER BY application_id, position)
            """)
        for row in rows {
            let parts = row.split(separator: " ").map(String.init)
            switch parts[0] {
            case "c":
                let pair = BridgeModel.Pair(grant: Self.uuid(parts[1]), account: parts[2])
                if connections.updateValue(Self.uuid(parts[3]), forKey: pair) != nil { duplicates += 1 }
            case "g": grants[Self.uuid(parts[1])] = .init(account: parts[2], idp: Self.uuid(parts[3]))
            case "b": bridgeApplications.insert(Self.uuid(parts[1]))
            case "a": associations.insert("\(parts[1]) \(parts[2])")
            case "s": sessions[parts[1]] = Session(idp: Self.uuid(parts[2]), account: parts[3])
            case "n": apps[Self.uuid(parts[1]), default: []] += []
            case "i": apps[Self.uuid(parts[1]), default: []].append(Self.uuid(parts[2]))
            case "p": primaries[parts[1]] = parts[2]
            default: exempt[parts[1], default: []].insert(parts[2])
            }
        }
    }

    /// 8-4-4-4-12.
    static func uuid(_ hex: String) -> String {
        var text = ""
        for (position, digit) in hex.enumerated() {
            if [8, 12, 16, 20].contains(position) { text += "-" }
            text.append(digit)
        }
        return text
    }
}
