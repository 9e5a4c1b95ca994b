package import Domain
package import Primitives
package import Store

/// One mutation under way: a transaction, who acts, and the audit events collected so far. Use cases are its methods.
///
/// Lives on the writer's thread for the length of one unit; whatever it records becomes durable with the change or not
/// at all.
package final class Act {
    package let transaction: WriteTransaction
    package let plane: Plane
    package let principal: Principal
    package let now: Timestamp
    /// `If-Match` of the request.
    package let precondition: Precondition?
    package private(set) var events: [AuditEvent] = []
    package private(set) var notices: [Notice] = []
    /// What has happened to connections so far.
    package var effects = BridgeEffects()
    /// Accounts in which something happened that drift depends on.
    private(set) var accountsThatMayDrift: [AccountID] = []
    /// Organizations below which drift is compared at the end of the unit.
    package private(set) var treesThatMayDrift: [OrganizationID] = []
    /// The resource as it is now, for audit rows of requests whose answer is not made of it, such as pages.
    package var result: JSONText?
    /// Whether the request only asks what it would do. Such a question leaves no trace, even when it is refused.
    package var isPreview = false
    /// Whether all of this is undone at the end: what is only told is worked out then, and only then.
    var isRehearsal = false

    package init(
        transaction: WriteTransaction, plane: Plane, principal: Principal, now: Timestamp, precondition: Precondition?
    ) {
        self.transaction = transaction
        self.plane = plane
        self.principal = principal
        self.now = now
        self.precondition = precondition
    }

    package var settings: Settings { plane.settings }

    /// Notes what happened; written to the audit log at the end of the unit.
    ///
    /// - Parameter mayDrift: false where the use case has made sure that it moved no drift.
    package func record(_ event: AuditEvent, mayDrift: Bool = true) {
        events.append(event)
        guard mayDrift, event.resource.kind.affectsDrift, let account = event.account else { return }
        if !accountsThatMayDrift.contains(account) { accountsThatMayDrift.append(account) }
    }

    /// Notes that the answer shows a secret, beside the event that made it.
    package func recordSecretShown() {
        guard let made = events.last(where: { $0.action != .view }) else { return }
        record(
            AuditEvent(
                .view, made.resource, account: made.account, organization: made.organization,
                description: "secret shown",
                request: .emptyObject, response: .emptyObject))
    }

    /// Asks for a comparison of drift below an organization once everything else is done.
    package func notesDrift(below organization: OrganizationID) {
        if !treesThatMayDrift.contains(organization) { treesThatMayDrift.append(organization) }
    }

    /// Tells the client something beside the result.
    package func notify(_ notice: Notice) { notices.append(notice) }

    /// Refuses with 412 when the client has seen another version of the resource (RFC 9110 §13.1.1).
    package func check(version: Int) throws(Failure) {
        try check { () throws(Failure) in EntityTag(version: version) }
    }

    /// The same for an answer that shows more than its row; the tag is worked out only where the client asks.
    package func check(_ tag: () throws(Failure) -> EntityTag) throws(Failure) {
        guard let precondition, !precondition.admits(try tag()) else { return }
        throw .refused(
            .preconditionFailed, "the resource has changed: read it again, then repeat the request", at: "#if-match")
    }
}

/// `If-Match`: the versions under which a write may go ahead.
package enum Precondition: Sendable, Equatable {
    case exists
    case versions([String])

    package func admits(_ tag: EntityTag) -> Bool {
        switch self {
        case .exists: true
        case .versions(let tags): tags.contains(tag.text)
        }
    }
}
