import Crypto
package import Domain
import Primitives
package import Store

/// Decides on one loop who gets through to applications. The way in costs at most one question to the database, and none
/// for a credential that was seen since anything last changed.
///
/// Only what is good is remembered, and all of it is forgotten whenever any resource changes or any session ends. What
/// ends by itself, as time passes, is compared with the clock at each use.
///
/// `Gatekeeper+People.swift` judges tokens, `Gatekeeper+Machines.swift` service tokens.
package final class Gatekeeper {
    let desk: LoginDesk
    let noteFault: (ServiceTokenFault) -> Void
    var memory = GateMemory()
    private let unmatched = UnmatchedHosts()
    private let published = PublishedKeys()
    private var generation: UInt64 = .max

    // These outlive changes: a session is looked up again before it is used, and the others only make writes rarer.
    var serviceSessions: [ServicePlace: String] = [:]
    var sessionsUnderWay: Set<ServicePlace> = []
    var seen: [ServiceTokenID: Timestamp] = [:]
    var logged: [LoggedFault: Timestamp] = [:]
    static let capacity = 4096

    /// - Parameter noteFault: called for each service token that is no good, also where that changes nothing.
    package init(desk: LoginDesk, noteFault: @escaping (ServiceTokenFault) -> Void = { _ in }) {
        self.desk = desk
        self.noteFault = noteFault
    }

    /// Forgets what a change has made doubtful. The counter is the one from before the snapshot that is read from: a
    /// newer one would keep what is older.
    private func begin() {
        let current = desk.access.generation
        guard current != generation else { return }
        memory = GateMemory()
        unmatched.forget()
        published.forget()
        generation = current
    }

    /// Call ``LoginDesk/refresh()`` first.
    ///
    /// - Parameters:
    ///   - host: lowercase, without a port.
    ///   - path: decoded and free of dot segments.
    package func guardian(of host: String, path: String) throws(Failure) -> Guardian {
        begin()
        guard let place = try desk.access.place(host: host, path: path, in: desk.reader),
            // Without a team nobody can sign in.
            let application = try desk.application(place.application, of: place.account)
        else { return try unmatched.isOpen(host, desk) ? .nobody : .unknown }
        if application.publicPatterns(of: place.destination).contains(where: { PlaceMatch.covers($0, path) }) {
            return .nobody
        }
        return .application(application, place.destination)
    }

    /// Judges a request to a place that ``guardian(of:path:)`` has just named.
    package func judge(_ request: GateRequest, at application: GuardedApplication) throws(Failure) -> GateVerdict {
        begin()
        var visitor = Visitor(
            address: request.address, country: request.country.isEmpty ? nil : request.country)
        visitor.certificate = request.certificate
        if application.policies.asksForLinkedTokens {
            visitor.linkedApplications = try linkedApplications(request, application)
        }
        switch request.service {
        case .absent: break
        case .malformed:
            noteFault(.malformed)
            if application.team.isServiceAuthStrict { return .badServiceToken(.malformed) }
        case .pair(let client, let secret):
            if let verdict = try judge(client, secret, request, visitor, application) { return verdict }
        }
        for text in request.cookies.prefix(Self.mostTokens) + request.presented.prefix(Self.mostTokens) {
            if let verdict = try judge(token: text, request, visitor, application) { return verdict }
        }
        switch application.policies.decisionBeforeIdentity(for: visitor) {
        case .bypass: return .open
        // Admitted by where the request comes from or by a certificate, without a name to pass on.
        case .service: return .pass(GatePass(application: application, assertion: "", email: "", user: nil))
        case .allow, .deny, .unmatched, nil: break
        }
        return application.policies.asksForIdentity ? .loginNeeded : .serviceNeeded
    }

    /// The keys that an account's tokens verify with, as the certs document (contract 40 §6); `nil` before the first is
    /// made.
    package func certs(of account: AccountID) throws(Failure) -> [UInt8]? {
        begin()
        return try published.document(of: account, desk)
    }

    /// Of one kind; more than a browser ever has.
    private static let mostTokens = 4
}

/// A service token at an application.
struct ServicePlace: Hashable {
    let client: ServiceTokenClientID
    let application: ApplicationID
}

struct LoggedFault: Hashable {
    let token: ServiceTokenID
    let application: ApplicationID
    let fault: ServiceTokenFault
}
