import JSON
package import Primitives

/// Where a command goes when nothing else says so: one server, one credential, usual account and organization.
package struct Profile: Sendable {
    package var url: String
    package var token: Secret<String>?
    package var account: String?
    package var organization: String?

    package init(url: String, token: Secret<String>?, account: String? = nil, organization: String? = nil) {
        self.url = url
        self.token = token
        self.account = account
        self.organization = organization
    }
}

/// The named profiles of one person: the contents of `config.json`.
package struct Profiles: Sendable {
    package static let standardName = "default"

    /// The profile used when none is named.
    package var current: String
    package private(set) var names: [String]
    private var byName: [String: Profile]

    package init() {
        current = Self.standardName
        names = []
        byName = [:]
    }

    package subscript(name: String) -> Profile? {
        get { byName[name] }
        set {
            if newValue != nil, byName[name] == nil { names.append(name) }
            if newValue == nil { names.removeAll { $0 == name } }
            byName[name] = newValue
        }
    }

    /// - Throws: ``ClientError/invalidInput(_:)`` naming what is wrong; never with any part of a token.
    package init(json text: String) throws(ClientError) {
        self.init()
        let value: JSONValue
        do {
            value = try JSONParser.parse(text)
        } catch {
            throw .invalidInput("the profile file is not JSON (byte \(error.offset))")
        }
        guard let profiles = value["profiles"]?.objectValue else {
            throw .invalidInput("the profile file has no \"profiles\" object")
        }
        for (name, profile) in profiles {
            guard let url = profile["url"]?.stringValue else {
                throw .invalidInput("profile \"\(name)\" has no \"url\"")
            }
            self[name] = Profile(
                url: url, token: profile["token"]?.stringValue.map { Secret($0) },
                account: profile["account"]?.stringValue, organization: profile["organization"]?.stringValue)
        }
        current = value["current"]?.stringValue ?? Self.standardName
    }

    /// The file's text. It holds tokens: write it with mode 0600.
    package var json: Secret<String> {
        var profiles = JSONObject()
        for name in names {
            guard let profile = byName[name] else { continue }
            var object: JSONObject = ["url": .string(profile.url)]
            if let token = profile.token { object["token"] = .string(token.exposed()) }
            if let account = profile.account { object["account"] = .string(account) }
            if let organization = profile.organization { object["organization"] = .string(organization) }
            profiles[name] = .object(object)
        }
        let document: JSONValue = ["current": .string(current), "profiles": .object(profiles)]
        return Secret(document.pretty() + "\n")
    }
}
