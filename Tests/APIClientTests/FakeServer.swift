import APIClient
import JSON
import Synchronization

/// A server in memory with what a client can see of the real one: envelopes, paging, identifiers it makes, defaults it
/// fills in, spellings it normalizes.
final class FakeServer: Transport {
    struct State {
        var collections: [String: [JSONObject]] = [:]
        /// Objects of which a place has one, such as the Zero Trust organization.
        var singles: [String: JSONObject] = [:]
        var nextID = 1
        var requests: [OutgoingRequest] = []
        /// Answers given before anything is looked at.
        var scripted: [IncomingAnswer] = []
    }

    let state = Mutex(State())

    var client: Client {
        Client(baseURL: "http://orgd.test", token: nil, transport: self, sleep: { _ in })
    }

    /// Method and path of every write so far.
    var writes: [String] {
        state.withLock { state in
            state.requests.filter { $0.method != "GET" }.map {
                "\($0.method) \($0.url.dropFirst("http://orgd.test/client/v4".count))"
            }
        }
    }

    func send(_ request: OutgoingRequest) async throws(TransportFailure) -> IncomingAnswer {
        state.withLock { state in
            state.requests.append(request)
            if !state.scripted.isEmpty { return state.scripted.removeFirst() }
            return state.answer(request)
        }
    }
}

extension FakeServer.State {
    mutating func answer(_ request: OutgoingRequest) -> IncomingAnswer {
        let parts = request.url.dropFirst("http://orgd.test".count).split(separator: "?", maxSplits: 1)
        let path = APIPath(written: String(parts[0])).segments
        let query = parts.count > 1 ? APIQuery(written: parts[1]) : APIQuery()
        let body = request.body.flatMap { try? JSONParser.parse($0) } ?? [:]
        if let single = single(path) { return answerSingle(single, request.method, body, path) }
        return isCollection(path)
            ? answerCollection(path, request.method, body, query) : answerItem(path, request.method, body)
    }

    private func isCollection(_ path: [String]) -> Bool {
        if path.count >= 4, path[2] == "access" { return path.count == 4 }
        return path.count.isMultiple(of: 2) == false
    }

    private func single(_ path: [String]) -> String? {
        guard let last = path.last, path.count >= 3 else { return nil }
        let isSingle =
            last == "primary_idp"
            || (path.count == 4 && path[2] == "access" && ["organizations", "keys"].contains(last))
        return isSingle ? path.joined(separator: "/") : nil
    }

    // MARK: Singles

    private mutating func answerSingle(_ key: String, _ method: String, _ body: JSONValue, _ path: [String])
        -> IncomingAnswer
    {
        if path.last == "keys", singles[key] == nil { singles[key] = ["key_rotation_interval_days": 42] }
        switch method {
        case "GET":
            guard let object = singles[key] else {
                return path.last == "primary_idp"
                    ? Self.refusal(404, 21001, "no primary IdP") : Self.refusal(403, 9999, "not enabled")
            }
            return Self.success(.object(object))
        case "DELETE":
            singles[key] = nil
            return Self.success([:])
        case "PATCH":
            singles[key] = JSONValue.object(singles[key] ?? [:]).merged(with: body).objectValue
        default:
            var object = Self.singleDefaults[path.last ?? ""] ?? [:]
            for (name, value) in body.objectValue ?? [:] { object[name] = value }
            singles[key] = object
            if path.last == "primary_idp" { connect(body) }
        }
        return Self.success(.object(singles[key] ?? [:]))
    }

    private static let singleDefaults: [String: JSONObject] = [
        "organizations": [
            "session_duration": "24h", "strict_service_token_auth": true, "deny_unmatched_requests": true,
            "created_at": "2026-01-01T00:00:00Z", "trusted_accounts": [],
        ],
        "primary_idp": ["mode": "report", "exempt_account_ids": [], "break_glass_emails": []],
    ]

    /// A primary brings every other account a connection.
    private mutating func connect(_ body: JSONValue) {
        let source = body["account_id"]?.stringValue ?? ""
        let providers = collections["accounts/\(source)/access/identity_providers"] ?? []
        guard let idp = providers.first(where: { $0["id"] == body["idp_id"] }) else { return }
        for account in collections["accounts"] ?? [] where account["id"]?.stringValue != source {
            let path = "accounts/\(account["id"]?.stringValue ?? "")/access/identity_providers"
            guard collections[path]?.contains(where: { $0["read_only"] == true }) != true else { continue }
            collections[path, default: []].append([
                "id": .string(freshID(["", "", "access"])), "name": idp["name"] ?? "", "type": idp["type"] ?? "",
                "read_only": true, "config": [:],
            ])
        }
    }

    // MARK: Collections

    private mutating func answerCollection(
        _ path: [String], _ method: String, _ body: JSONValue, _ query: APIQuery
    ) -> IncomingAnswer {
        let key = path.joined(separator: "/")
        if method == "POST" {
            guard var object = body.objectValue else { return Self.refusal(400, 21901, "no object") }
            if path.last == "move" { return move(path[1], body) }
            object = normalized(object, in: path)
            if path.last == "tags" {
                collections[key, default: []].append(object)
            } else {
                let id = freshID(path)
                object["id"] = .string(id)
                if path.last == "custom_pages" { object["uid"] = .string(id) }
                if path.last == "service_tokens" { object["client_id"] = .string("\(id).access") }
                if key == "accounts" { own(&object, body) }
                collections[key, default: []].append(object)
                if path.last == "service_tokens" { object["client_secret"] = "cfast_secret" }
            }
            return Self.success(shown(object, in: path))
        }
        var rows = (collections[key] ?? []).map { shown($0, in: path) }
        if path.count == 3, path[0] == "organizations", path[2] == "accounts" {
            rows = (collections["accounts"] ?? []).map { .object($0) }.filter {
                $0["managed_by"]?["parent_org_id"]?.stringValue == path[1]
            }
        }
        if let name = query["name.contains"] { rows.removeAll { $0["name"]?.stringValue?.contains(name) != true } }
        return page(rows, query, path)
    }

    private func page(_ rows: [JSONValue], _ query: APIQuery, _ path: [String]) -> IncomingAnswer {
        if let size = query["page_size"].flatMap({ Int($0) }) {
            let start = query["page_token"].flatMap { Int($0) } ?? 0
            let slice = rows.dropFirst(start).prefix(size)
            var info: JSONObject = ["page_size": .integer(size)]
            if start + size < rows.count { info["next_page_token"] = .string(String(start + size)) }
            return Self.success(.array(Array(slice)), info)
        }
        if let size = query["limit"].flatMap({ Int($0) }) {
            let start = (query["cursor"] ?? query["offset"]).flatMap { Int($0) } ?? 0
            let slice = Array(rows.dropFirst(start).prefix(size))
            let after = start + size < rows.count ? String(start + size) : ""
            return Self.success(.array(slice), ["count": .integer(slice.count), "cursors": ["after": .string(after)]])
        }
        let size = query["per_page"].flatMap { Int($0) } ?? 1000
        let page = query["page"].flatMap { Int($0) } ?? 1
        // No totals: the kind of list whose end is an empty page.
        return Self.success(.array(Array(rows.dropFirst((page - 1) * size).prefix(size))), ["page": .integer(page)])
    }

    private mutating func answerItem(_ path: [String], _ method: String, _ body: JSONValue) -> IncomingAnswer {
        let collection = Array(path.dropLast())
        let key = collection.joined(separator: "/")
        let idKey = collection.last == "tags" ? "name" : "id"
        guard let index = collections[key]?.firstIndex(where: { $0[idKey]?.stringValue == path.last }) else {
            return Self.refusal(404, 12135, "not found")
        }
        switch method {
        case "GET":
            return Self.success(shown(collections[key]?[index] ?? [:], in: collection), isDetail: true)
        case "DELETE":
            collections[key]?.remove(at: index)
            return Self.success(["id": .string(path.last ?? "")])
        default:
            let present = collections[key]?[index] ?? [:]
            var object = normalized(body.objectValue ?? [:], in: collection)
            for kept in ["id", "uid", "client_id", "managed_by", "created_at"] {
                object[kept] = present[kept] ?? object[kept]
            }
            collections[key]?[index] = object
            return Self.success(shown(object, in: collection))
        }
    }

    private mutating func own(_ object: inout JSONObject, _ body: JSONValue) {
        let owner = body["unit"]?["id"]?.stringValue ?? ""
        let name = collections["organizations"]?.first { $0["id"]?.stringValue == owner }?["name"] ?? ""
        object["unit"] = nil
        object["managed_by"] = ["parent_org_id": .string(owner), "parent_org_name": name]
    }

    private mutating func move(_ account: String, _ body: JSONValue) -> IncomingAnswer {
        Self.success(["account_id": .string(account)])
    }

    // MARK: What the server makes of a body

    private static let defaults: [String: JSONObject] = [
        "apps": [
            "session_duration": "24h", "app_launcher_visible": true, "http_only_cookie_attribute": true,
            "same_site_cookie_attribute": "lax", "allowed_idps": [], "tags": [], "policies": [],
            "auto_redirect_to_identity": false,
        ],
        "service_tokens": ["duration": "8760h", "enabled": true, "client_secret_version": 1],
        "policies": ["exclude": [], "require": [], "approval_required": false],
        "groups": ["exclude": [], "require": []],
        "identity_providers": ["scim_config": ["enabled": false], "read_only": false],
        "accounts": ["type": "standard", "settings": ["enforce_twofactor": false]],
    ]

    private func normalized(_ body: JSONObject, in path: [String]) -> JSONObject {
        var object = Self.defaults[path.last ?? ""] ?? [:]
        for (name, value) in body where !value.isNull { object[name] = value }
        if path.last == "apps" {
            if object["destinations"] == nil, let domain = object["domain"] {
                object["destinations"] = [["type": "public", "uri": domain]]
            }
            object["self_hosted_domains"] = .array((object["destinations"]?.arrayValue ?? []).compactMap { $0["uri"] })
        }
        if path.last == "groups", let flag = object["is_default"] {
            object["is_default"] = nil
            object["default"] = flag
        }
        for list in ["include", "exclude", "require"] {
            object[list] = object[list].map { rules in
                .array((rules.arrayValue ?? []).map(Self.normalizedRule))
            }
        }
        object["created_at"] = "2026-01-01T00:00:00Z"
        return object
    }

    private static func normalizedRule(_ rule: JSONValue) -> JSONValue {
        guard let domain = rule["email_domain"]?["domain"]?.stringValue else { return rule }
        return ["email_domain": ["domain": .string(domain.hasPrefix("@") ? String(domain.dropFirst()) : domain)]]
    }

    /// As a read shows it: secrets masked, links to policies in full.
    private func shown(_ object: JSONObject, in path: [String]) -> JSONValue {
        var value = JSONValue.object(object)
        if value.at(["config", "client_secret"]) != nil {
            value = value.setting(["config", "client_secret"], to: "**********************************")
        }
        guard path.last == "apps", let links = object["policies"]?.arrayValue else { return value }
        let account = path[1]
        let reusable = collections["accounts/\(account)/access/policies"] ?? []
        let full = links.enumerated().map { index, link -> JSONValue in
            if link.objectValue?.count == 2, let policy = reusable.first(where: { $0["id"] == link["id"] }) {
                return JSONValue.object(policy).setting(["reusable"], to: true).setting(
                    ["precedence"], to: link["precedence"])
            }
            return link.setting(["id"], to: .string("inline-\(index)")).setting(["reusable"], to: false)
        }
        return value.setting(["policies"], to: .array(full))
    }

    mutating func freshID(_ path: [String]) -> String {
        defer { nextID += 1 }
        let digits = String(nextID, radix: 16)
        let hex = String(repeating: "0", count: 32 - digits.count) + digits
        guard path.contains("access") else { return hex }
        let bounds = [0, 8, 12, 16, 20, 32]
        return zip(bounds, bounds.dropFirst()).map { start, end in
            String(hex.dropFirst(start).prefix(end - start))
        }.joined(separator: "-")
    }

    // MARK: Envelopes

    static let noRoute = refusal(404, 7003, "Could not route")

    static func success(_ result: JSONValue, _ info: JSONObject? = nil, isDetail: Bool = false) -> IncomingAnswer {
        var envelope: JSONObject = ["success": true, "errors": [], "messages": [], "result": result]
        if let info { envelope["result_info"] = .object(info) }
        return IncomingAnswer(
            status: 200, fields: isDetail ? [("ETag", "\"1\"")] : [], body: JSONValue.object(envelope).serializedBytes()
        )
    }

    static func refusal(
        _ status: Int, _ code: Int, _ message: String, pointer: String? = nil, fields: [(String, String)] = []
    ) -> IncomingAnswer {
        var problem: JSONObject = ["code": .integer(code), "message": .string(message)]
        if let pointer { problem["source"] = ["pointer": .string(pointer)] }
        let envelope: JSONValue = ["success": false, "errors": [.object(problem)], "messages": [], "result": .null]
        return IncomingAnswer(
            status: status, fields: fields.map { (name: $0.0, value: $0.1) }, body: envelope.serializedBytes())
    }
}

extension APIQuery {
    subscript(name: String) -> String? { names.firstIndex(of: name).map { values[$0] } }
}
