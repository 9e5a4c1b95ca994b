/// What an account's plan allows (contract 60 §8). The plan `unlimited` allows everything; there is no other yet.
package struct Entitlement: Sendable, Equatable {
    package enum Feature: String, Sendable, CaseIterable {
        case accessSeats = "access.seats"
        case gatewaySeats = "gateway.seats"
        case managedOAuth = "access.managed_oauth"
        case idpBridge = "access.idp_bridge"
        case logRetentionDays = "insights.log_retention_days"
        case logExplorer = "insights.log_explorer"
        case maxAccounts = "organizations.max_accounts"
    }

    package enum Allocation: Sendable, Equatable {
        case bool(Bool)
        /// `nil` for no limit.
        case maxCount(Int?)
        /// Bounds of a number; an upper one of `nil` for no limit.
        case range(Int, Int?)
    }

    package let feature: Feature
    package let allocation: Allocation

    package init(feature: Feature, allocation: Allocation) {
        self.feature = feature
        self.allocation = allocation
    }

    /// - Parameter maxAccounts: accounts that an organization tree may hold on this server.
    package static func unlimited(maxAccounts: Int) -> [Entitlement] {
        Feature.allCases.map { feature in
            let allocation: Allocation =
                switch feature {
                case .accessSeats, .gatewaySeats: .maxCount(nil)
                case .managedOAuth, .idpBridge, .logExplorer: .bool(true)
                case .logRetentionDays: .range(0, nil)
                case .maxAccounts: .maxCount(maxAccounts)
                }
            return Entitlement(feature: feature, allocation: allocation)
        }
    }
}

extension Entitlement.Feature {
    /// Identifiers that are the same on every install: the first 32 digits of SHA-256(`orgd:entitlement:<key>`) and of
    /// SHA-256(`orgd:feature:<key>`).
    package var ids: (entitlement: String, feature: String) {
        switch self {
        case .accessSeats: ("574ca743c83cc67715c0418f8fda4454", "d6aa46d0a0e136c18b5d794d79170aec")
        case .gatewaySeats: ("7c36411b3712261c37679cb15bd9d3d0", "e653ddb85e2c3d0271832775035e8c1b")
        case .managedOAuth: ("790da7b328269efaa530c834713f8769", "4a24768f6b4d26ab41efbeca34c371e0")
        case .idpBridge: ("d49098219bd6cd010fd3616665eedaf1", "acbf89c1c437311385e956ded8c1cbb7")
        case .logRetentionDays: ("da51f9dd9f47fc2b201afeb76e894a62", "ce95425e03ef1f6747bff64ac13a985e")
        case .logExplorer: ("a4b48a32bbc0f97013ceefd748b07c73", "5ae016db06efcb5f80f2cf6d22a123bf")
        case .maxAccounts: ("7d64a704fcff052fdf7c3ff3b2d8f268", "fbb840825f5406b92ea14640ab8568e6")
        }
    }

    package var title: String {
        switch self {
        case .accessSeats: "Access seats"
        case .gatewaySeats: "Gateway seats"
        case .managedOAuth: "Managed OAuth"
        case .idpBridge: "Identity provider bridge"
        case .logRetentionDays: "Days that logs are kept"
        case .logExplorer: "Log explorer"
        case .maxAccounts: "Accounts in an organization tree"
        }
    }

    /// The part of the key before the dot.
    package var featureSet: String { String(rawValue.prefix { $0 != "." }) }
}
