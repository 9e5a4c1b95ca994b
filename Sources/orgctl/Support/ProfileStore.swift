import APIClient
import CommandLine
import Primitives

/// The file with the profiles: `$XDG_CONFIG_HOME/orgctl/config.json`, mode 0600.
struct ProfileStore {
    let path: String

    init(environment: [String: String]) {
        if let folder = environment["XDG_CONFIG_HOME"], !folder.isEmpty {
            path = folder + "/orgctl/config.json"
        } else {
            path = (environment["HOME"] ?? ".") + "/.config/orgctl/config.json"
        }
    }

    /// No file means no profiles.
    func load() throws(ClientError) -> Profiles {
        guard Files.exists(path) else { return Profiles() }
        do throws(ClientError) {
            return try Profiles(json: try Files.text(of: path, limit: 1024 * 1024))
        } catch .invalidInput(let reason) {
            throw .invalidInput("\(path): \(reason)")
        }
    }

    func save(_ profiles: Profiles) throws(ClientError) {
        try PrivateFile.replace(path, with: profiles.json.exposed())
    }

    /// A line for somebody whose tokens others can read.
    func warning() -> String? {
        Files.isReadableByOthers(path) ? "\(path) can be read by others: chmod 600 it" : nil
    }
}
