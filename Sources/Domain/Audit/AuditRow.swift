package import Primitives

/// One row of the audit log, complete. What is hashed, stored and answered is this value.
package struct AuditRow: Sendable, Equatable {
    package let position: Int64
    package let id: AuditEventID
    package let at: Timestamp
    package let accountName: String?
    package let event: AuditEvent
    package let isSuccess: Bool
    package let status: Int
    package let request: AuditedRequest

    package init(
        position: Int64, id: AuditEventID, at: Timestamp, accountName: String?, event: AuditEvent, isSuccess: Bool,
        status: Int, request: AuditedRequest
    ) {
        self.position = position
        self.id = id
        self.at = at
        self.accountName = accountName
        self.event = event
        self.isSuccess = isSuccess
        self.status = status
        self.request = request
    }

    /// The hash of the row before, then every column in table order, each preceded by its length, so that no two rows
    /// share their bytes.
    package func canonicalBytes(after hash: [UInt8]) -> [UInt8] {
        var output = CanonicalBytes(startingWith: hash)
        output.append(position)
        output.append(id.bytes)
        output.append(at.microseconds)
        output.append(event.account?.bytes)
        output.append(accountName)
        output.append(event.organization?.bytes)
        output.append(event.action.rawValue)
        output.append(isSuccess ? "success" : "failure")
        output.append(event.description)
        output.append(request.actor.kind.rawValue)
        output.append(request.actor.id?.bytes)
        output.append(request.actor.email)
        output.append(request.actor.context.rawValue)
        output.append(request.address)
        output.append(request.actor.token?.id.bytes)
        output.append(request.actor.token?.name)
        output.append(request.method)
        output.append(request.uri)
        output.append(Int64(status))
        output.append(request.userAgent)
        output.append(request.ray)
        output.append(event.resource.kind.rawValue)
        output.append(event.resource.id)
        output.append(event.request?.text)
        output.append(event.response?.text)
        return output.bytes
    }
}

/// The facts of a request that all its audit rows share.
package struct AuditedRequest: Sendable, Equatable {
    package let actor: Actor
    package let method: String
    package let uri: String
    package let userAgent: String
    package let address: String
    package let ray: String

    package init(actor: Actor, method: String, uri: String, userAgent: String, address: String, ray: String) {
        self.actor = actor
        self.method = method
        self.uri = uri
        self.userAgent = userAgent
        self.address = address
        self.ray = ray
    }
}

/// Concatenation that can be taken apart again: a tag for absence, else a 32-bit length and the bytes.
package struct CanonicalBytes: Sendable {
    package private(set) var bytes: [UInt8] = []

    /// - Parameter start: bytes that need no length, since there are always as many.
    package init(startingWith start: [UInt8] = []) {
        bytes.reserveCapacity(2048)
        bytes += start
    }

    package mutating func append(_ value: [UInt8]?) {
        guard let value else {
            bytes.append(0)
            return
        }
        begin(count: value.count)
        bytes += value
    }

    package mutating func append(_ value: String?) {
        guard let value else {
            bytes.append(0)
            return
        }
        begin(count: value.utf8.count)
        bytes += value.utf8
    }

    package mutating func append(_ value: Int64) {
        begin(count: 8)
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> Int64(shift)))
        }
    }

    private mutating func begin(count: Int) {
        bytes.append(1)
        for shift in stride(from: 24, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: count >> shift)) }
    }
}
