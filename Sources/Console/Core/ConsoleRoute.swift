import ControlPlane
import Domain
import HTTP
import Primitives
import Store

/// One address of the console: who may use it, and what it does.
struct ConsoleRoute: Sendable {
    let method: HTTP.Method
    /// `/accounts/{account_id}/members`; a parameter that ends in `_id` is an identifier.
    let path: String
    let permission: Permission
    /// What a refusal is filed under in the audit log, and what the request would do.
    let subject: AuditedResource.Kind
    let action: AuditEvent.Action
    let work: Work

    enum Permission: Sendable {
        /// Whoever is signed in; the page shows what they may see.
        case signedIn
        /// A right on the organization of the path (`organization_id`).
        case organization(PermissionGroup)
        /// A right on the account of the path (`account_id`).
        case account(PermissionGroup)
    }

    enum Work: Sendable {
        /// On the loop, from its snapshot: pages whose cost does not grow with the database.
        case page(Page)
        /// Off the loop, for everything else.
        case survey(Page)
        /// Off the loop; leaves a row of its own in the audit log, as looks at logs do.
        case watched(Page)
        /// A file instead of a page, off the loop and with a row in the audit log, as for ``watched(_:)``.
        case download(@Sendable (PageCall) throws(Failure) -> Download)
        /// A form, in one transaction with its audit rows. Where it is refused, the page it came from is shown again with
        /// what was entered and what is wrong.
        case form(Form, page: Page)
        /// A form that asks something outside the process before its transaction.
        case patientForm(PatientForm, page: Page)
    }

    typealias Page = @Sendable (PageCall) throws(Failure) -> Screen
    typealias Form = @Sendable (FormCall) throws(Failure) -> Outcome
    typealias PatientForm = @Sendable (PatientCall) async throws(Failure) -> Outcome

    /// A page.
    static func get(
        _ path: String, _ permission: Permission, _ work: Work, subject: AuditedResource.Kind = .account
    ) -> ConsoleRoute {
        ConsoleRoute(method: .get, path: path, permission: permission, subject: subject, action: .view, work: work)
    }

    /// A form; `page` is the page it stands on.
    static func post(
        _ path: String, _ permission: Permission, _ subject: AuditedResource.Kind, _ action: AuditEvent.Action,
        page: @escaping Page, _ form: @escaping Form
    ) -> ConsoleRoute {
        ConsoleRoute(
            method: .post, path: path, permission: permission, subject: subject, action: action,
            work: .form(form, page: page))
    }

    /// A form that waits.
    static func patientPost(
        _ path: String, _ permission: Permission, _ subject: AuditedResource.Kind, _ action: AuditEvent.Action,
        page: @escaping Page, _ form: @escaping PatientForm
    ) -> ConsoleRoute {
        ConsoleRoute(
            method: .post, path: path, permission: permission, subject: subject, action: action,
            work: .patientForm(form, page: page))
    }
}

/// A file that is made on request.
struct Download: Sendable {
    let name: String
    let type: String
    let body: Response.Body
}

/// Pages that belong together.
protocol ConsolePages: Sendable {
    static var routes: [ConsoleRoute] { get }
}

/// Finds the route of a method and path.
struct ConsoleRouter: Sendable {
    enum Match {
        case found(ConsoleRoute, PathValues)
        /// The path exists with another method.
        case otherMethod
        case none
    }

    private let byLength: [Int: [(segments: [Segment], route: ConsoleRoute)]]

    private enum Segment: Sendable {
        case literal(String)
        case parameter(String)
    }

    init(_ groups: [any ConsolePages.Type]) {
        var byLength: [Int: [(segments: [Segment], route: ConsoleRoute)]] = [:]
        for route in groups.flatMap({ $0.routes }) {
            let segments = route.path.split(separator: "/").map { part -> Segment in
                part.hasPrefix("{") ? .parameter(String(part.dropFirst().dropLast())) : .literal(String(part))
            }
            byLength[segments.count, default: []].append((segments, route))
        }
        self.byLength = byLength
    }

    /// - Parameter segments: the path, split on `/` and decoded.
    func match(_ method: HTTP.Method, _ segments: [String]) -> Match {
        var hasOther = false
        for candidate in byLength[segments.count] ?? [] {
            guard let values = Self.values(of: segments, in: candidate.segments) else { continue }
            if candidate.route.method == method || method == .head && candidate.route.method == .get {
                return .found(candidate.route, values)
            }
            hasOther = true
        }
        return hasOther ? .otherMethod : .none
    }

    private static func values(of segments: [String], in pattern: [Segment]) -> PathValues? {
        var values: [String: String] = [:]
        for (text, segment) in zip(segments, pattern) {
            switch segment {
            case .literal(let literal): if literal != text { return nil }
            case .parameter(let name):
                guard !name.hasSuffix("_id") || isIdentifier(text) else { return nil }
                values[name] = text
            }
        }
        return PathValues(values: values, last: segments.last ?? "")
    }

    private static func isIdentifier(_ text: String) -> Bool {
        Identifier<Never>(hex: text) != nil || Identifier<Never>(uuid: text) != nil
    }
}

/// The parameters of a matched path. Asking for one that the route does not have is a programming error.
struct PathValues: Sendable {
    fileprivate let values: [String: String]
    fileprivate let last: String

    static let empty = PathValues(values: [:], last: "")

    /// The last identifier of the path, by which a refusal is filed.
    var subject: String {
        values.values.contains(last) ? last : values["account_id"] ?? values["organization_id"] ?? ""
    }

    func has(_ name: String) -> Bool { values[name] != nil }

    func text(_ name: String) -> String {
        guard let value = values[name] else { preconditionFailure("the route has no parameter \(name)") }
        return value
    }

    /// An identifier in either spelling.
    func id<Entity>(_ name: String) -> Identifier<Entity> {
        let text = text(name)
        guard let id = Identifier<Entity>(hex: text) ?? Identifier<Entity>(uuid: text) else {
            preconditionFailure("the router let a malformed \(name) through")
        }
        return id
    }
}
