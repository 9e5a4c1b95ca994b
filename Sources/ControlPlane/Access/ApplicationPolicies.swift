import Domain
import Primitives
import Store

extension Act {
    /// Makes `policies` of a body the policies of an application: links reusable ones, creates and changes inline ones, and
    /// deletes inline ones that are no longer named.
    func savePolicies(
        _ items: [ApplicationPolicyItem], of application: ApplicationID, in account: AccountID
    ) throws(Failure) {
        let old = try transaction.policyLinks(of: application)
        if items.isEmpty, old.isEmpty { return }
        let plan = try plan(items, replacing: old, in: account)
        let named = Set(items.compactMap(\.id))
        // Links go first, so that a precedence can pass from one policy to another.
        try transaction.setPolicies([], of: application)
        for link in old where !link.isReusable && !named.contains(link.id) { try transaction.deletePolicy(link.id) }
        var links: [PolicyLink] = []
        for step in plan {
            let place = "/policies/\(step.position)"
            switch step.action {
            case .link(let id, let isReusable):
                links.append(PolicyLink(id: id, precedence: step.precedence, isReusable: isReusable))
            case .change(let id, let draft):
                try updatePolicy(id, draft, at: place, in: account)
                links.append(PolicyLink(id: id, precedence: step.precedence, isReusable: false))
            case .create(let draft):
                let id = try insertPolicy(draft, ownedBy: application, at: place, in: account)
                links.append(PolicyLink(id: id, precedence: step.precedence, isReusable: false))
            }
        }
        try transaction.setPolicies(links, of: application)
    }

    private struct Step {
        enum Action {
            case link(PolicyID, isReusable: Bool)
            case change(PolicyID, PolicyDraft)
            case create(PolicyDraft)
        }

        let position: Int
        let precedence: Int
        let action: Action
    }

    private func plan(
        _ items: [ApplicationPolicyItem], replacing old: [PolicyLink], in account: AccountID
    ) throws(Failure) -> [Step] {
        var problems: [Problem] = []
        var steps: [Step] = []
        var taken: Set<Int> = []
        var seen: Set<PolicyID> = []
        var last = 0
        for (position, item) in items.enumerated() {
            func refuse(_ sentence: String, _ member: String = "") {
                problems.append(Problem(.accessInvalidRequest, sentence, at: "/policies/\(position)\(member)"))
            }
            let precedence = item.precedence ?? item.draft?.precedence ?? last + 1
            last = max(last, precedence)
            if !taken.insert(precedence).inserted { refuse("two policies have precedence \(precedence)") }
            if let id = item.id, !seen.insert(id).inserted { refuse("the policy is named twice") }
            guard let action = try action(for: item, replacing: old, in: account) else {
                refuse("the policy does not exist")
                continue
            }
            steps.append(Step(position: position, precedence: precedence, action: action))
        }
        let isMixed =
            Set(
                steps.map { step in if case .link(_, isReusable: true) = step.action { true } else { false } }
            ).count > 1
        if isMixed {
            problems.append(
                Problem(
                    .accessInvalidRequest, "reusable and inline policies can not be mixed in one application",
                    at: "/policies"))
        }
        try refuse(problems)
        return steps
    }

    private func action(
        for item: ApplicationPolicyItem, replacing old: [PolicyLink], in account: AccountID
    ) throws(Failure) -> Step.Action? {
        guard let id = item.id else { return item.draft.map { .create($0) } }
        if old.contains(where: { $0.id == id && !$0.isReusable }) {
            return item.draft.map { .change(id, $0) } ?? .link(id, isReusable: false)
        }
        return try transaction.reusablePolicy(id, in: account) == nil ? nil : .link(id, isReusable: true)
    }
}
