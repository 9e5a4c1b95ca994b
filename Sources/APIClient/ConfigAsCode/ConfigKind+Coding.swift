package import JSON

extension ConfigKind {
    /// A resource as documents hold it: without what the server makes, other resources by key.
    func document(of resource: JSONValue, names: NameTable) throws(ClientError) -> JSONValue {
        var document = resource
        if member == Self.groups.member, let flag = resource["default"] {
            document = document.setting(["is_default"], to: flag)
        }
        if member == Self.apps.member { document = Self.withPoliciesByKey(document, names: names) }
        document = document.removing(serverFields)
        for path in secrets where document.at(path) != nil { document = document.removing([path]) }
        return try Self.replace(references, in: document) { kind, id in names.key(kind, of: id) }
    }

    /// A document as the server takes it.
    ///
    /// - Parameters:
    ///   - secret: the value of an environment variable.
    ///   - needsSecrets: a missing variable is a mistake (on creation), or leaves the stored secret (on update).
    /// - Throws: ``ClientError/invalidInput(_:)`` for a name that nothing bears and for a missing variable.
    func body(
        of document: JSONValue, names: NameTable, needsSecrets: Bool, secret: (String) -> String?
    ) throws(ClientError) -> JSONValue {
        let title = "\(resource.title) \"\(Self.name(of: document, resource))\""
        var body = try Self.replace(references, in: document) { kind, key throws(ClientError) in
            guard let identifier = names.identifier(kind, of: key) else {
                throw .invalidInput("\(title) names the \(kind.title) \"\(key)\", which does not exist")
            }
            return identifier
        }
        if member == Self.apps.member { body = try Self.withPoliciesByIdentifier(body, names: names, title: title) }
        for path in secrets {
            guard let variable = body.at(path)?["$env"]?.stringValue else { continue }
            if let value = secret(variable), !value.isEmpty {
                body = body.setting(path, to: .string(value))
            } else if needsSecrets {
                throw .invalidInput("\(title) needs the secret in the environment variable \(variable)")
            } else {
                body = body.removing([path])
            }
        }
        return body
    }

    /// Every resource that a document names.
    func references(of document: JSONValue) -> [(kind: ReferenceKind, key: String)] {
        var found: [(ReferenceKind, String)] = []
        for path in references {
            _ = try? path.replacing(in: document) { key throws(ClientError) in
                found.append((path.kind, key))
                return key
            }
        }
        if member == Self.apps.member {
            for policy in document["policies"]?.arrayValue ?? [] {
                if let key = policy.stringValue { found.append((.policy, key)) }
            }
        }
        return found
    }

    static func name(of document: JSONValue, _ resource: ResourceKind) -> String {
        document["name"]?.stringValue ?? document["domain"]?.stringValue ?? resource.title
    }

    static func replace(
        _ paths: [ReferencePath], in value: JSONValue,
        _ replacement: (ReferenceKind, String) throws(ClientError) -> String
    ) throws(ClientError) -> JSONValue {
        var value = value
        for path in paths {
            value = try path.replacing(in: value) { text throws(ClientError) in try replacement(path.kind, text) }
        }
        return value
    }

    // MARK: Policies of an application

    /// In order of precedence; reusable policies as strings, the others as objects.
    private static func withPoliciesByKey(_ app: JSONValue, names: NameTable) -> JSONValue {
        guard let list = app["policies"]?.arrayValue else { return app }
        let ordered = list.enumerated().sorted { one, other in
            let left = one.element["precedence"]?.integerValue ?? Int64(one.offset)
            let right = other.element["precedence"]?.integerValue ?? Int64(other.offset)
            return (left, one.offset) < (right, other.offset)
        }
        let written = ordered.map { _, policy -> JSONValue in
            if policy["reusable"]?.boolValue == true, let id = policy["id"]?.stringValue {
                return .string(names.key(.policy, of: id))
            }
            return policy.removing(policies.serverFields + [["approval_groups_id"]])
        }
        return app.setting(["policies"], to: .array(written))
    }

    private static func withPoliciesByIdentifier(
        _ app: JSONValue, names: NameTable, title: String
    ) throws(ClientError) -> JSONValue {
        guard let list = app["policies"]?.arrayValue else { return app }
        var written: [JSONValue] = []
        for (index, policy) in list.enumerated() {
            let precedence = JSONValue.integer(index + 1)
            guard let key = policy.stringValue else {
                written.append(policy.setting(["precedence"], to: precedence))
                continue
            }
            guard let identifier = names.identifier(.policy, of: key) else {
                throw .invalidInput("\(title) names the policy \"\(key)\", which does not exist")
            }
            written.append(["id": .string(identifier), "precedence": precedence])
        }
        return app.setting(["policies"], to: .array(written))
    }
}

extension JSONValue {
    /// Without the members at these paths.
    package func removing(_ paths: [[String]]) -> JSONValue {
        paths.reduce(self) { $0.removing(path: $1[...]) }
    }

    private func removing(path: ArraySlice<String>) -> JSONValue {
        guard let key = path.first, var object = objectValue, let member = object[key] else { return self }
        object[key] = path.count == 1 ? nil : member.removing(path: path.dropFirst())
        return .object(object)
    }
}
