package import JSON

/// One member that is not as the document says.
package struct FieldDifference: Sendable, Equatable {
    /// `policies[1].include`.
    package let path: String
    package let live: JSONValue?
    package let wanted: JSONValue
}

/// Compares what a document says with what the server has.
///
/// A member that the document leaves out is not managed by it. `null` in the document means "as by default". Lists are
/// compared as wholes, element by element.
enum Comparison {
    static func differences(
        wanted: JSONValue, live: JSONValue, defaults: JSONObject = [:], ignoring ignored: [[String]] = []
    ) -> [FieldDifference] {
        let wanted = wanted.removing(ignored)
        guard let members = wanted.objectValue else { return [] }
        var found: [FieldDifference] = []
        for (key, value) in members {
            collect(value, live[key], defaults[key], path: key, key: key, into: &found)
        }
        return found
    }

    private static func collect(
        _ wanted: JSONValue, _ live: JSONValue?, _ standard: JSONValue?, path: String, key: String,
        into found: inout [FieldDifference]
    ) {
        if case .object(let members) = wanted, case .object(let present)? = live {
            for (name, value) in members {
                collect(value, present[name], standard?[name], path: "\(path).\(name)", key: name, into: &found)
            }
        } else if case .array(let elements) = wanted, case .array(let present)? = live, elements.count == present.count,
            elements.contains(where: { $0.objectValue != nil })
        {
            for (index, element) in elements.enumerated() {
                collect(element, present[index], nil, path: "\(path)[\(index)]", key: key, into: &found)
            }
        } else if !same(wanted, live, standard, key: key) {
            found.append(FieldDifference(path: path, live: live, wanted: wanted))
        }
    }

    private static func same(_ wanted: JSONValue, _ live: JSONValue?, _ standard: JSONValue?, key: String) -> Bool {
        if let live, wanted == live { return true }
        if wanted.isBlank {
            return live.map(\.isBlank) ?? true || (wanted.isNull && live == standard && standard != nil)
        }
        guard let live else { return wanted == standard }
        return CanonicalText.of(wanted, key: key) == CanonicalText.of(live, key: key)
    }
}

extension JSONValue {
    /// Whether the value says no more than its absence would.
    var isBlank: Bool {
        switch self {
        case .null, .bool(false): true
        case .string(let text): text.isEmpty
        case .array(let elements): elements.isEmpty
        case .object(let object): object.isEmpty
        default: false
        }
    }
}

/// Spellings that the server treats as one, so that a file keeps the spelling of its author.
enum CanonicalText {
    private static let hosts: Set<String> = [
        "domain", "uri", "hostname", "auth_domain", "self_hosted_domains", "email_domain",
    ]

    static func of(_ value: JSONValue, key: String) -> JSONValue {
        switch value {
        case .string(let text): .string(canonical(text, key: key))
        case .array(let elements): .array(elements.map { of($0, key: key) })
        default: value
        }
    }

    private static func canonical(_ text: String, key: String) -> String {
        let text = trimmed(text)
        if hosts.contains(key) { return host(text) }
        if key == "ip" || key == "cidr" { return network(text.lowercased()) }
        return key == "country_code" ? text.uppercased() : text
    }

    /// The host in lower case, the path as it is, no leading `@`.
    private static func host(_ text: String) -> String {
        let text = text.hasPrefix("@") ? String(text.dropFirst()) : text
        guard let slash = text.firstIndex(of: "/") else { return text.lowercased() }
        return text[..<slash].lowercased() + text[slash...]
    }

    /// Host bits of an IPv4 network cleared; a bare address is a network of one.
    private static func network(_ text: String) -> String {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if text.contains(":") { return parts.count == 1 ? text + "/128" : text }
        let octets = parts[0].split(separator: ".", omittingEmptySubsequences: false).compactMap { UInt8($0) }
        let length = parts.count > 1 ? Int(parts[1]) : 32
        guard octets.count == 4, let length, (0...32).contains(length) else { return text }
        let address = octets.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let masked = length == 0 ? 0 : address & (UInt32.max << UInt32(32 - length))
        let digits = [24, 16, 8, 0].map { String(masked >> UInt32($0) & 255) }
        return digits.joined(separator: ".") + "/\(length)"
    }

    private static func trimmed(_ text: String) -> String { CSVReader.trimmed(text) }
}
