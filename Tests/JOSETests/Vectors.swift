import Glibc
import JSON
import Primitives
import Testing

/// JSON files beside the tests; each names its source.
enum Vectors {
    static let rfc = load("rfc.json")
    static let cross = load("cross.json")

    private static func load(_ name: String, file: String = #filePath) -> JSONValue {
        let folder = file[..<(file.lastIndex(of: "/") ?? file.startIndex)]
        guard let stream = fopen("\(folder)/Vectors/\(name)", "r") else { return .null }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&chunk, 1, chunk.count, stream), count > 0 { bytes += chunk[..<count] }
        return (try? JSONParser.parse(bytes)) ?? .null
    }
}

/// One signed token and the key that verifies it.
struct SignedVector: Sendable, CustomTestStringConvertible {
    let name: String
    let algorithm: String
    let key: JSONValue
    let token: String
    let hasClaims: Bool
    let value: JSONValue

    var testDescription: String { name }

    init?(_ value: JSONValue) {
        guard let algorithm = value["alg"]?.stringValue, let key = value["jwk"], let token = value["token"]?.stringValue
        else { return nil }
        self.algorithm = algorithm
        self.key = key
        self.token = token
        self.value = value
        name = value["name"]?.stringValue ?? "\(algorithm) \(key["kid"]?.stringValue ?? "")"
        hasClaims = value["claims"]?.boolValue ?? true
    }

    static let rfc = (Vectors.rfc["vectors"]?.arrayValue ?? []).compactMap(SignedVector.init)
    static let cross = (Vectors.cross["vectors"]?.arrayValue ?? []).compactMap(SignedVector.init)
}

/// A compact form made of the given header and payload texts, with any signature.
func token(_ header: String, _ payload: String, signature: String = "AA") -> String {
    "\(Base64URL.encode(Array(header.utf8))).\(Base64URL.encode(Array(payload.utf8))).\(signature)"
}
