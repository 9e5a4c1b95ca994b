import ControlPlane
import Domain
import HTTP
import JSON

/// What a browser asks before a request that another site's page makes (Fetch standard, CORS protocol), and how an
/// application's `cors_headers` answer it.
struct Preflight {
    let origin: String
    let method: String
    /// Lowercase.
    let headers: [String]

    /// `nil` for a request that is none.
    init?(_ request: Request, method: String) {
        guard method == "OPTIONS", request.count(.origin) == 1, let origin = request.value(.origin), !origin.isEmpty,
            request.count(.accessControlRequestMethod) == 1,
            let wanted = request.value(.accessControlRequestMethod), !wanted.isEmpty
        else { return nil }
        self.origin = origin
        self.method = wanted
        headers = request.values(.accessControlRequestHeaders).flatMap { $0.split(separator: ",") }
            .map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }.filter { !$0.isEmpty }
    }

    /// The fields of the answer. A page that is not allowed to ask gets none, which is how a browser is told.
    func answer(_ rules: JSONObject) -> Fields {
        var fields: Fields = [.vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"]
        let isCredentialed = rules["allow_credentials"]?.boolValue ?? false
        let origins = Self.list(rules, "allowed_origins")
        let takesAllOrigins = rules["allow_all_origins"]?.boolValue == true || origins.contains("*")
        guard takesAllOrigins || origins.contains(origin) else { return fields }
        // With credentials a wildcard would be taken literally; to name the origin of everybody would hand out their
        // sessions, so then only listed ones count.
        if isCredentialed {
            guard origins.contains(origin) else { return fields }
            fields.append(.accessControlAllowOrigin, origin)
            fields.append(.accessControlAllowCredentials, "true")
        } else {
            fields.append(.accessControlAllowOrigin, takesAllOrigins ? "*" : origin)
        }
        let methods = Self.list(rules, "allowed_methods")
        if rules["allow_all_methods"]?.boolValue == true || methods.contains("*") {
            fields.append(.accessControlAllowMethods, HTTP.Method(method) == nil ? "GET" : method)
        } else if !methods.isEmpty {
            fields.append(.accessControlAllowMethods, methods.joined(separator: ", "))
        }
        let allowed = Self.list(rules, "allowed_headers")
        if rules["allow_all_headers"]?.boolValue == true || allowed.contains("*") {
            let named = headers.filter { FieldName($0) != nil }
            if !named.isEmpty { fields.append(.accessControlAllowHeaders, named.joined(separator: ", ")) }
        } else if !allowed.isEmpty {
            fields.append(.accessControlAllowHeaders, allowed.joined(separator: ", "))
        }
        if let age = rules["max_age"]?.integerValue { fields.append(.accessControlMaxAge, "\(age)") }
        return fields
    }

    private static func list(_ rules: JSONObject, _ name: String) -> [String] {
        rules[name]?.arrayValue?.compactMap(\.stringValue) ?? []
    }
}
