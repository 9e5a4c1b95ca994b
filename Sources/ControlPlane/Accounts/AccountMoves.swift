package import Domain
import Primitives
package import Store

extension Act {
    /// Takes accounts into an organization, or out of any. All of them move or none.
    ///
    /// - Parameter pointer: where the account at a position stands in the body, `nil` when the path names it.
    package func moveAccounts(
        _ ids: [AccountID], to destination: OrganizationID?, at pointer: (Int) -> String?
    ) throws(Failure) -> [AccountMove] {
        let place = "/destination_organization_id"
        let chain = try destination.map { (id) throws(Failure) in
            try require(.organizationAccountsWrite, on: id, at: place)
        }
        var moves: [AccountMove] = []
        var newcomers = 0
        for (position, id) in ids.enumerated() {
            try requirePlacement(of: id, at: pointer(position))
            let account = try account(id, at: pointer(position))
            // The precondition speaks of the resource of the path.
            if pointer(position) == nil { try check(version: account.version) }
            moves.append(AccountMove(account: id, source: account.owner?.id, destination: destination))
            if let source = account.owner?.id, try transaction.chain(of: source).last == chain?.last { continue }
            newcomers += 1
        }
        if let root = chain?.last, newcomers > 0 { try admitAccounts(newcomers, inTreeOf: root, at: place) }
        let moving = moves.filter { $0.source != destination }
        for move in moving {
            try guardDeparture(of: move.account, to: destination)
            try transaction.place(move.account, in: destination, at: now)
            record(
                AuditEvent(
                    .update, AuditedResource(.account, move.account.hex), account: move.account,
                    description: "move from \(move.source?.hex ?? "none") to \(destination?.hex ?? "none")"))
        }
        guard !moving.isEmpty else { return moves }
        transaction.touches(.credentials)
        try reconcile(.accounts(moving.map(\.account)))
        return moves
    }
}
