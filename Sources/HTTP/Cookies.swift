/// The cookies of a request (RFC 6265 §4.2), in order; names may repeat.
package struct Cookies: Sendable {
    package let all: [(name: String, value: String)]

    /// Reads every Cookie field. Parts without `=` are skipped, since other software on the domain may have set them;
    /// one pair of quotes around a value is removed.
    package init(_ request: Request) { self.init(request.values(.cookie)) }

    package init(_ fieldValues: [String]) {
        var all: [(name: String, value: String)] = []
        for fieldValue in fieldValues {
            for part in Array(fieldValue.utf8).split(separator: UInt8(ascii: ";")) {
                guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { continue }
                let name = part[..<equals].trimmed
                var value = part[(equals + 1)...].trimmed
                if value.count >= 2, value.first == UInt8(ascii: "\""), value.last == UInt8(ascii: "\"") {
                    value = value.dropFirst().dropLast()
                }
                guard !name.isEmpty else { continue }
                all.append((String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
            }
        }
        self.all = all
    }

    /// The first value of that name.
    package subscript(_ name: String) -> String? { all.first { $0.name == name }?.value }

    package func values(_ name: String) -> [String] { all.filter { $0.name == name }.map(\.value) }
}

/// A Set-Cookie field (RFC 6265 §4.1). HttpOnly and Path=/ unless said otherwise.
package struct SetCookie: Sendable {
    package enum SameSite: String, Sendable {
        case strict = "Strict"
        case lax = "Lax"
        case none = "None"
    }

    package let name: String
    package let value: String
    package var path = "/"
    /// Host-only without one.
    package var domain: String?
    /// Whole seconds; 0 deletes the cookie; without one it ends with the browser session.
    package var maxAge: Duration?
    package var isSecure = true
    package var isHTTPOnly = true
    package var sameSite: SameSite? = .lax
    /// Partitioned (CHIPS).
    package var isPartitioned = false

    /// `nil` unless the name is a token and the value consists of cookie octets; encode other values first.
    package init?(_ name: String, _ value: String) {
        guard FieldName(name) != nil, value.utf8.allSatisfy(Self.isOctet) else { return nil }
        self.name = name
        self.value = value
    }

    package var text: String {
        var text = "\(name)=\(value); Path=\(path)"
        if let domain { text += "; Domain=\(domain)" }
        if let maxAge { text += "; Max-Age=\(max(0, maxAge.components.seconds))" }
        if isSecure { text += "; Secure" }
        if isHTTPOnly { text += "; HttpOnly" }
        if let sameSite { text += "; SameSite=\(sameSite.rawValue)" }
        if isPartitioned { text += "; Partitioned" }
        return text
    }

    private static func isOctet(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && !"\",;\\".utf8.contains(byte)
    }
}
