package import Domain
import Primitives
package import Store

extension Act {
    package func createAccessUser(_ draft: AccessUserDraft, in account: AccountID) throws(Failure) -> AccessUser {
        try checkFree(draft.email, for: nil, in: account)
        let user = AccessUser(
            id: AccessUserID(at: now), email: draft.email, name: draft.name, seat: randomIdentifier(),
            hasAccessSeat: false, hasGatewaySeat: false, lastSuccessfulLogin: nil, createdAt: now, updatedAt: now,
            version: 1)
        try transaction.insert(user, in: account)
        record(AuditEvent(.create, AuditedResource(.accessUser, user.id.uuid), account: account))
        return user
    }

    package func replaceAccessUser(
        _ id: AccessUserID, with draft: AccessUserDraft, in account: AccountID
    ) throws(Failure) -> AccessUser {
        var user = try accessUser(id, in: account)
        try check(version: user.version)
        try checkFree(draft.email, for: id, in: account)
        user.email = draft.email
        user.name = draft.name
        user.updatedAt = now
        try transaction.update(user)
        user.version += 1
        record(AuditEvent(.update, AuditedResource(.accessUser, id.uuid), account: account))
        return user
    }

    package func deleteAccessUser(_ id: AccessUserID, in account: AccountID) throws(Failure) {
        try check(version: try accessUser(id, in: account).version)
        let ended = try transaction.endSessions(of: id)
        try transaction.deleteAccessUser(id)
        record(
            AuditEvent(
                .delete, AuditedResource(.accessUser, id.uuid), account: account,
                response: EndedSessions(sessions: ended).document))
    }

    /// Gives and takes seats. All changes happen or none. Who has no seat has no session either.
    package func changeSeats(_ changes: [SeatChange], in account: AccountID) throws(Failure) -> [AccessUser] {
        var users: [AccessUser] = []
        var ended: [Int] = []
        var problems: [Problem] = []
        for (position, change) in changes.enumerated() {
            guard var user = try transaction.accessUser(seat: change.seat, in: account) else {
                problems.append(Problem(.accessNotFound, "no user has this seat", at: "/\(position)/seat_uid"))
                continue
            }
            user.hasAccessSeat = change.hasAccessSeat
            user.hasGatewaySeat = change.hasGatewaySeat
            user.updatedAt = now
            try transaction.update(user)
            if !change.hasAccessSeat {
                try transaction.endSessions(ofEmail: user.email, in: account)
                try transaction.endGrants(ofEmail: user.email, in: account)
            }
            user.version += 1
            users.append(user)
            ended.append(change.hasAccessSeat ? 0 : try transaction.endSessions(of: user.id))
        }
        try refuse(problems)
        for (user, count) in zip(users, ended) {
            record(
                AuditEvent(
                    .update, AuditedResource(.seats, user.seat.uuid), account: account,
                    response: EndedSessions(sessions: count).document))
        }
        return users
    }

    private func accessUser(_ id: AccessUserID, in account: AccountID) throws(Failure) -> AccessUser {
        guard let user = try transaction.accessUser(id, in: account) else {
            throw .refused(.accessNotFound, "user not found")
        }
        return user
    }

    private func checkFree(_ email: String, for id: AccessUserID?, in account: AccountID) throws(Failure) {
        guard let other = try transaction.accessUser(withEmail: email, in: account), other.id != id else { return }
        throw .refused(.accessConflict, "a user with this address exists already", at: "/email")
    }
}
