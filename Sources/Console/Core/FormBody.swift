import HTTP
import JSON
import Primitives

/// The fields of a form (`application/x-www-form-urlencoded`). A field is named as the member that it fills: `name`, or
/// `unit/id` for a member of a member, so that what a decoder complains about finds its field. Names that begin with `_`
/// are the console's own.
struct FormBody: Sendable {
    let items: QueryString

    /// `nil` for another media type and for bytes that are no form.
    init?(_ request: Request) {
        guard let type = request.value(.contentType).flatMap({ MediaType($0) }),
            type.essence == "application/x-www-form-urlencoded", let items = QueryString(request.body)
        else { return nil }
        self.items = items
    }

    init(items: QueryString) { self.items = items }

    /// What was entered, without white space around it; `nil` for nothing.
    func text(_ name: String) -> String? {
        items[name].map { $0.trimmed }.flatMap { $0.isEmpty ? nil : $0 }
    }

    func texts(_ name: String) -> [String] { items.values(name).map { $0.trimmed }.filter { !$0.isEmpty } }

    /// The lines, or the parts between commas, of a longer text.
    func lines(_ name: String) -> [String] {
        (items[name] ?? "").split { $0.isNewline || $0 == "," }.map { String($0).trimmed }.filter { !$0.isEmpty }
    }

    /// A box that was checked.
    func flag(_ name: String) -> Bool { items[name] != nil }

    /// The confirmation of what a preview showed.
    var isConfirmed: Bool { items["_confirm"] == "1" }

    /// Everything but the console's own fields.
    var entered: [QueryString.Item] { items.items.filter { !$0.name.hasPrefix("_") } }

    /// An object with the texts that were entered, as the decoder of a request body takes it.
    ///
    /// - Parameter names: fields; those that are empty are left out.
    func object(_ names: String...) -> JSONObject {
        var object = JSONObject()
        for name in names {
            guard let text = text(name) else { continue }
            object.set(.string(text), at: name.split(separator: "/").map { String($0) }[...])
        }
        return object
    }

    /// What the audit log keeps of it: no secrets.
    var redacted: JSONText {
        var object = JSONObject()
        for item in entered {
            let name = item.name.split(separator: "/").last.map { String($0) } ?? item.name
            let isSecret = Self.secrets.contains(name) && !item.value.isEmpty
            let value = JSONValue.string(isSecret ? "‹redacted›" : item.value)
            if let known = object[item.name] {
                object[item.name] = .array((known.arrayValue ?? [known]) + [value])
            } else {
                object[item.name] = value
            }
        }
        return object.jsonText
    }

    private static let secrets: Set<String> = [
        "client_secret", "secret", "token", "password", "private_key", "id_token", "access_token", "refresh_token",
    ]
}

extension JSONObject {
    /// Puts a value at a path of members.
    mutating func set(_ value: JSONValue, at path: ArraySlice<String>) {
        guard let first = path.first else { return }
        guard path.count > 1 else {
            self[first] = value
            return
        }
        var inner = self[first]?.objectValue ?? JSONObject()
        inner.set(value, at: path.dropFirst())
        self[first] = .object(inner)
    }
}
