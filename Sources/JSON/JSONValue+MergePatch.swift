/// JSON merge patch (RFC 7396).
extension JSONValue {
    /// This value with `patch` applied: objects merge member by member, `null` removes, anything else replaces.
    package func merged(with patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        return .object((objectValue ?? JSONObject()).merged(with: changes))
    }
}

extension JSONObject {
    package func merged(with patch: JSONObject) -> JSONObject {
        let index = MemberIndex(self)
        var values: [JSONValue?] = members.map(\.value)
        var added: [Member] = []
        for change in patch.members {
            let position = index.position(of: change.key)
            let old = position.flatMap { values[$0] } ?? .null
            let new = change.value.isNull ? nil : old.merged(with: change.value)
            if let position {
                values[position] = new
            } else if let new {
                added.append(Member(key: change.key, value: new))
            }
        }
        var result: [Member] = []
        result.reserveCapacity(members.count + added.count)
        for (member, value) in zip(members, values) {
            if let value { result.append(Member(key: member.key, value: value)) }
        }
        return JSONObject(unique: result + added)
    }
}
