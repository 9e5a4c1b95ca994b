import JSON

extension LiveOrganization {
    /// The organization as a document. Comparing it with the same organization finds nothing.
    package func document() throws(ClientError) -> ConfigDocument {
        var organization: JSONObject = ["name": body["name"] ?? ""]
        if let profile = body["profile"], !profile.isNull { organization["profile"] = profile }
        let names = names
        var written: [ConfigDocument.Account] = []
        for account in accounts { written.append(try account.document(outer: names)) }
        return ConfigDocument(organization: organization, primary: primaryDocument, accounts: written)
    }

    /// The designation with keys in place of identifiers.
    var primaryDocument: JSONObject? {
        guard let primary, let account = accounts.first(where: { $0.id == primary["account_id"]?.stringValue }) else {
            return nil
        }
        let names = names
        var document: JSONObject = ["account": .string(account.key)]
        document["identity_provider"] = (primary["idp_id"]?.stringValue).map {
            .string(account.names.key(.identityProvider, of: $0))
        }
        document["mode"] = primary["mode"]
        document["exempt_accounts"] = .array(
            (primary["exempt_account_ids"]?.arrayValue ?? []).compactMap(\.stringValue)
                .map { .string(names.key(.account, of: $0)) })
        document["break_glass_emails"] = primary["break_glass_emails"] ?? []
        return document
    }
}

extension LiveAccount {
    func document(outer: NameTable) throws(ClientError) -> ConfigDocument.Account {
        let names = names.extended(by: outer)
        var sections: [String: [JSONValue]] = [:]
        for kind in ConfigKind.all {
            guard let items = self.sections[kind.member] else { continue }
            var documents: [JSONValue] = []
            for item in items {
                documents.append(withPlaceholders(try kind.document(of: item.resource, names: names), kind, item))
            }
            sections[kind.member] = documents
        }
        return ConfigDocument.Account(
            key: key, name: body["name"]?.stringValue ?? "", settings: settings,
            zeroTrust: try zeroTrustDocument(names), keys: keysDocument,
            grants: zeroTrust == nil ? nil : grantKeys(names),
            sections: sections)
    }

    var settings: JSONObject {
        var settings = JSONObject()
        settings["type"] = body["type"]
        if let own = body["settings"], !own.isNull { settings["settings"] = own }
        // Written for every account, so that one that was moved elsewhere is a difference.
        settings["organization"] = body.at(["managed_by", "parent_org_name"])
        return settings
    }

    func zeroTrustDocument(_ names: NameTable) throws(ClientError) -> JSONObject? {
        guard let zeroTrust else { return nil }
        return try ConfigKind.replace(
            ConfigKind.zeroTrustReferences, in: zeroTrust.removing(ConfigKind.zeroTrustServerFields)
        ) { kind, id in names.key(kind, of: id) }.objectValue
    }

    var keysDocument: JSONObject? {
        keys?["key_rotation_interval_days"].map { ["key_rotation_interval_days": $0] }
    }

    func grantKeys(_ names: NameTable) -> [String] {
        grants.compactMap { $0["idp_id"]?.stringValue }.map { names.key(.identityProvider, of: $0) }
    }

    /// A stored secret becomes the name of a variable, so that the file can be applied elsewhere.
    private func withPlaceholders(_ document: JSONValue, _ kind: ConfigKind, _ item: Item) -> JSONValue {
        kind.secrets.filter { item.resource.at($0)?.stringValue?.isEmpty == false }.reduce(document) { document, path in
            let name = Self.variable(body["name"]?.stringValue ?? "", item.key, path.last ?? "")
            return document.setting(path, to: ["$env": .string(name)])
        }
    }

    /// `EMEA_OKTA_CLIENT_SECRET`.
    static func variable(_ parts: String...) -> String {
        let words = parts.map { part in
            String(
                part.uppercased().unicodeScalars.map { scalar -> Character in
                    let isWord = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                    return isWord ? Character(scalar) : "_"
                })
        }
        return "ORG_" + words.joined(separator: "_")
    }
}
