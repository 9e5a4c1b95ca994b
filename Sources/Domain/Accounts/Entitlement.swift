/// What an account's plan allows (contract 60 §8). The plan `unlimited` allows everything; an account may differ from it.
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

    /// The same with another value: 0 takes a feature away, a number becomes the bound of one.
    package func limited(to value: Int) -> Entitlement {
        let limited: Allocation =
            switch allocation {
            case .bool: .bool(value != 0)
            case .maxCount: .maxCount(value)
            case .range(let lower, _): .range(lower, value)
            }
        return Entitlement(feature: feature, allocation: limited)
    }
}

extension Entitlement.Feature {
    /// A number that is the same on every install: its place in the contract's list.
    package var number: Int {
        switch self {
        case .accessSeats: 1
        case .gatewaySeats: 2
        case .managedOAuth: 3
        case .idpBridge: 4
        case .logRetentionDays: 5
        case .logExplorer: 6
        case .maxAccounts: 7
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
