import JSON

@testable import APIClient

/// Documents of every kind with every reference, from a seed.
struct RandomDocument {
    private var generator: SplitMix

    init(seed: UInt64) { generator = SplitMix(state: seed) }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    private mutating func coin() -> Bool { Bool.random(using: &generator) }
    private mutating func pick<Value>(_ values: [Value]) -> Value { values[number(0...values.count - 1)] }

    /// Names repeat on purpose, some look like the key of a repetition, some need escaping.
    private mutating func name() -> String { pick(["wiki", "wiki", "wiki#2", "mail", "a/b ü", "Staff \"x\"", "docs"]) }

    mutating func document(accounts: Int) throws -> ConfigDocument {
        var rows: [JSONValue] = []
        for index in 0..<accounts { rows.append(account(index)) }
        var document: JSONObject = [
            "version": 1, "organization": ["name": "Acme", "profile": ["business_name": "Acme Inc."]],
        ]
        if coin() {
            rows[0] = Self.appending(
                [
                    "name": "Primary", "type": "oidc",
                    "config": ["client_id": "c", "client_secret": ["$env": "SECRET"]],
                ],
                to: "identity_providers", of: rows[0])
            document["primary_idp"] = [
                "account": .string("account-0"), "identity_provider": "Primary",
                "mode": .string(pick(["report", "enforce"])),
                "exempt_accounts": accounts > 1 && coin() ? ["account-1"] : [], "break_glass_emails": ["root@x.org"],
            ]
            if accounts > 1 {
                // An account that uses the connection it is about to get.
                rows[1] = Self.appending(
                    [
                        "name": "bridged", "type": "self_hosted", "domain": "b.x.org",
                        "allowed_idps": ["bridge:Primary"],
                    ],
                    to: "apps", of: rows[1])
            }
        }
        document["accounts"] = .array(rows)
        return try ConfigDocument(.object(document))
    }

    private static func appending(_ resource: JSONValue, to section: String, of account: JSONValue) -> JSONValue {
        account.setting([section], to: .array((account[section]?.arrayValue ?? []) + [resource]))
    }

    private mutating func account(_ index: Int) -> JSONValue {
        let pages = (0..<number(0...2)).map { _ in name() }
        let providers = (0..<number(0...2)).map { _ in name() }
        let tokens = (0..<number(0...2)).map { _ in name() }
        let groups = (0..<number(0...3)).map { _ in name() }
        let policies = (0..<number(0...3)).map { _ in name() }
        let tags = ["blue", "a/1"]
        let keys = Keys(
            pages: UniqueKeys.keys(of: pages), providers: UniqueKeys.keys(of: providers),
            tokens: UniqueKeys.keys(of: tokens),
            groups: UniqueKeys.keys(of: groups), policies: UniqueKeys.keys(of: policies))
        var account: JSONObject = [
            "name": .string("account-\(index)"), "type": .string(pick(["standard", "enterprise"])),
            "settings": ["enforce_twofactor": .bool(coin())],
        ]
        var zeroTrust: JSONObject = ["name": "ZT", "auth_domain": .string("t\(index).access.localhost")]
        if let page = keys.pages.first { zeroTrust["custom_pages"] = ["forbidden": .string(page)] }
        if coin() { zeroTrust["session_duration"] = "8h" }
        account["zero_trust"] = .object(zeroTrust)
        account["keys"] = ["key_rotation_interval_days": .integer(number(21...365))]
        account["tags"] = .array(tags.map { ["name": .string($0)] })
        account["custom_pages"] = .array(
            pages.map { ["name": .string($0), "type": "forbidden", "custom_html": "<p>"] })
        account["identity_providers"] = .array(
            providers.map { name in
                [
                    "name": .string(name), "type": "oidc",
                    "config": ["client_id": "c", "claims": ["a"], "client_secret": ["$env": "SECRET"]],
                ]
            })
        account["service_tokens"] = .array(
            tokens.map { ["name": .string($0), "duration": .string(pick(["8760h", "forever"]))] })
        var written: [JSONValue] = []
        for (position, name) in groups.enumerated() {
            // Groups may name the ones after them, so the order of the file is not the order of creation.
            let later = Array(keys.groups.dropFirst(position + 1))
            written.append(["name": .string(name), "include": rules(keys, groups: later), "is_default": .bool(coin())])
        }
        account["groups"] = .array(written)
        account["policies"] = .array(
            policies.map { name in
                [
                    "name": .string(name), "decision": .string(pick(["allow", "deny"])),
                    "include": rules(keys, groups: keys.groups),
                ]
            })
        account["apps"] = .array((0..<number(0...3)).map { number in app(index, number, keys) })
        return .object(account)
    }

    private struct Keys { let pages, providers, tokens, groups, policies: [String] }

    private mutating func rules(_ keys: Keys, groups: [String]) -> JSONValue {
        var rules: [JSONValue] = [["email_domain": ["domain": .string(pick(["x.org", "@y.org"]))]]]
        if let group = groups.randomElement(using: &generator) { rules.append(["group": ["id": .string(group)]]) }
        if let token = keys.tokens.randomElement(using: &generator) {
            rules.append(["service_token": ["token_id": .string(token)]])
        }
        if let provider = keys.providers.randomElement(using: &generator) {
            rules.append(["login_method": ["id": .string(provider)]])
            rules.append(["oidc": ["claim_name": "r", "claim_value": "v", "identity_provider_id": .string(provider)]])
        }
        if coin() { rules.append(["cloudflare_account_member": ["account_id": "account-0"]]) }
        return .array(rules)
    }

    private mutating func app(_ account: Int, _ number: Int, _ keys: Keys) -> JSONValue {
        var app: JSONObject = [
            "name": .string(name()), "type": "self_hosted", "domain": .string("a\(account)-\(number).X.org/Path"),
            "allowed_idps": .array(keys.providers.prefix(1).map(JSONValue.string)), "tags": ["a/1"],
        ]
        if coin() {
            app["policies"] = .array(keys.policies.shuffled(using: &generator).map(JSONValue.string))
        } else {
            app["policies"] = .array(
                (0..<self.number(0...2)).map { index in
                    [
                        "name": .string("inline \(index)"), "decision": "allow",
                        "include": rules(keys, groups: keys.groups),
                    ]
                })
        }
        if coin() { app["session_duration"] = pick([.null, "1h"]) }
        if coin() { app["custom_deny_message"] = pick([.null, "no", ""]) }
        if coin() { app["app_launcher_visible"] = .bool(coin()) }
        return .object(app)
    }

    /// The document with one member of one resource changed.
    mutating func changed(_ document: ConfigDocument) -> ConfigDocument {
        var document = document
        let index = number(0...document.accounts.count - 1)
        switch number(0...3) {
        case 0: document.accounts[index].zeroTrust?["name"] = .string("changed \(number(0...9999))")
        case 1: document.accounts[index].keys = ["key_rotation_interval_days": .integer(number(21...365))]
        case 2:
            document.accounts[index].sections["tags", default: []].append(["name": .string("new \(number(0...9999))")])
        default:
            document.accounts[index].sections["policies", default: []].append([
                "name": .string("new \(number(0...9999))"), "decision": "allow", "include": [["everyone": [:]]],
            ])
        }
        return document
    }
}

/// SplitMix64: the same numbers for the same seed everywhere.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
