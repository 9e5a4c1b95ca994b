package import HTTP
package import Primitives

/// Finds the route of a method and path: a tree of segments, walked once per request.
package final class Router: Sendable {
    package enum Match: Sendable {
        case found(Route, PathParameters)
        /// The path exists, the method does not: the methods that do.
        case otherMethod([Method])
        case none
    }

    private let root: Node
    package let routes: [Route]

    /// - Precondition: no two routes answer the same method and path.
    package init(_ groups: [any RouteGroup.Type]) {
        routes = groups.flatMap { $0.table }
        let root = Builder()
        for route in routes { root.add(route) }
        self.root = root.built()
    }

    /// - Parameter segments: the path below `/client/v4`, split on `/` and percent-decoded.
    package func match(_ method: Method, _ segments: [String]) -> Match {
        var node = root
        var values: [(name: String, value: String)] = []
        for segment in segments {
            if let next = node.literals[segment] {
                node = next
            } else if let next = node.parameters.first(where: { $0.form.accepts(segment) }) {
                values.append((next.name, segment))
                node = next.node
            } else {
                return .none
            }
        }
        if let route = node.routes.first(where: { $0.method == method }) {
            return .found(route, PathParameters(values: values))
        }
        if method == .head, let route = node.routes.first(where: { $0.method == .get }) {
            return .found(route, PathParameters(values: values))
        }
        return node.routes.isEmpty ? .none : .otherMethod(node.routes.map(\.method))
    }

    fileprivate final class Node: Sendable {
        let literals: [String: Node]
        let parameters: [(name: String, form: ParameterForm, node: Node)]
        let routes: [Route]

        init(literals: [String: Node], parameters: [(name: String, form: ParameterForm, node: Node)], routes: [Route]) {
            self.literals = literals
            self.parameters = parameters
            self.routes = routes
        }
    }

    private final class Builder {
        var literals: [String: Builder] = [:]
        var parameters: [(name: String, node: Builder)] = []
        var routes: [Route] = []

        func add(_ route: Route) {
            var node = self
            for segment in route.path.split(separator: "/") {
                node = node.child(String(segment))
            }
            precondition(
                !node.routes.contains { $0.method == route.method }, "two routes answer \(route.method) \(route.path)")
            node.routes.append(route)
        }

        private func child(_ segment: String) -> Builder {
            guard segment.hasPrefix("{"), segment.hasSuffix("}") else {
                let next = literals[segment] ?? Builder()
                literals[segment] = next
                return next
            }
            let name = String(segment.dropFirst().dropLast())
            if let known = parameters.first(where: { $0.name == name }) { return known.node }
            let next = Builder()
            parameters.append((name, next))
            return next
        }

        func built() -> Node {
            Node(
                literals: literals.mapValues { $0.built() },
                parameters: parameters.map { ($0.name, ParameterForm(name: $0.name), $0.node.built()) }, routes: routes)
        }
    }
}

/// The form of a path parameter, which its name implies (contract 10 §7). Another form is a path that does not exist.
enum ParameterForm: Sendable {
    case hex, uuid, uuidOrAudience, free

    init(name: String) {
        self =
            switch name {
            case "organization_id", "account_id", "member_id", "token_id", "role_id", "share_id", "resource_id",
                "recipient_id", "permission_group_id":
                .hex
            case "app_id": .uuidOrAudience
            case _ where name.hasSuffix("_id") || name == "uuid": .uuid
            default: .free
            }
    }

    func accepts(_ segment: String) -> Bool {
        switch self {
        case .hex: Identifier<Never>(hex: segment) != nil
        case .uuid: Identifier<Never>(uuid: segment) != nil
        case .uuidOrAudience:
            Identifier<Never>(uuid: segment) != nil || segment.utf8.count == 64 && Hex.decode(segment) != nil
        case .free: !segment.isEmpty
        }
    }
}

/// The parameters of a matched path. Asking for one that the route does not have is a programming error.
package struct PathParameters: Sendable {
    private let values: [(name: String, value: String)]

    init(values: [(name: String, value: String)]) { self.values = values }

    package var last: String? { values.last?.value }

    package func text(_ name: String) -> String {
        guard let found = values.first(where: { $0.name == name }) else {
            preconditionFailure("the route has no parameter \(name)")
        }
        return found.value
    }

    package func has(_ name: String) -> Bool { values.contains { $0.name == name } }

    package func hex<Entity>(_ name: String) -> Identifier<Entity> {
        guard let identifier = Identifier<Entity>(hex: text(name)) else {
            preconditionFailure("the router let a malformed \(name) through")
        }
        return identifier
    }

    package func uuid<Entity>(_ name: String) -> Identifier<Entity> {
        guard let identifier = Identifier<Entity>(uuid: text(name)) else {
            preconditionFailure("the router let a malformed \(name) through")
        }
        return identifier
    }
}
