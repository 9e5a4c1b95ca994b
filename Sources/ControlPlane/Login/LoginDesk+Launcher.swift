package import Domain
import JSON
import Primitives
package import Store

/// A tile of the App Launcher.
package struct LauncherTile: Sendable, Equatable {
    package let name: String
    package let address: String
    package let logo: String?
}

extension LoginDesk {
    /// The settings of an account's App Launcher; `nil` where nobody made any.
    package func launcher(at team: TeamSettings) throws(Failure) -> GuardedApplication? {
        guard let id = try reader.appLauncher(of: team.account) else { return nil }
        return try application(id, of: team.account)
    }

    /// Whether the launcher is open to somebody. One without policies is open to everybody who signs in.
    package func mayLaunch(_ launcher: GuardedApplication?, _ identity: Identity, _ browser: Browser) throws(Failure)
        -> Bool
    {
        guard let launcher else { return true }
        guard launcher.accepts(identity.provider, email: identity.email) else { return false }
        if launcher.policies.policies.isEmpty { return true }
        return try admits(launcher, identity, browser)
    }

    /// The applications that an identity may open, by name. Those too that first have to ask a service about them, for they
    /// do so when they are opened, and never before.
    package func tiles(for identity: Identity, at team: TeamSettings, _ browser: Browser) throws(Failure)
        -> [LauncherTile]
    {
        var tiles: [LauncherTile] = []
        for id in try reader.launcherApplications(of: team.account) {
            guard let application = try application(id, of: team.account),
                application.flag("app_launcher_visible", default: true),
                let address = application.launchAddress(plane.settings.scheme)
            else { continue }
            // A bookmark is a link: without policies it is for everybody.
            let isOpen = application.application.type == .bookmark && application.policies.policies.isEmpty
            if !isOpen, try !mightAdmit(application, identity, browser) { continue }
            tiles.append(
                LauncherTile(name: application.application.name, address: address, logo: application.text("logo_url")))
        }
        return tiles.sorted { ($0.name.lowercased(), $0.address) < ($1.name.lowercased(), $1.address) }
    }

    /// Whether an application would let an identity in, were the services that its rules ask to say what is good for it. An
    /// answer that they gave in this session stands.
    func mightAdmit(
        _ application: GuardedApplication, _ identity: Identity, _ browser: Browser
    ) throws(Failure) -> Bool {
        if try admits(application, identity, browser) { return true }
        let open = application.policies.questions.filter { identity.evaluations[$0]?.isSuccess == nil }
        guard !open.isEmpty else { return false }
        // A rule that includes wants a yes, one that excludes a no.
        for answer in [true, false] {
            var supposed = identity
            for question in open {
                supposed.evaluations[question] = EvaluationAnswer(isSuccess: answer, asksAgainAt: now)
            }
            if try admits(application, supposed, browser) { return true }
        }
        return false
    }

    /// Whether an application would let an identity in now.
    func admits(
        _ application: GuardedApplication, _ identity: Identity, _ browser: Browser
    ) throws(Failure) -> Bool {
        if application.application.type.hasLogin,
            !application.accepts(identity.provider, email: identity.email)
        {
            return false
        }
        switch application.policies.decision(for: try visitor(identity, browser, for: application)) {
        case .allow, .bypass, .service: return true
        case .deny, .unmatched: return false
        }
    }
}

extension GuardedApplication {
    /// Where a tile leads; `nil` for what has no address of its own.
    func launchAddress(_ scheme: String) -> String? {
        if application.type == .saas {
            return application.saas?.document.object?["app_launcher_url"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        }
        guard let domain = application.domain, !domain.isEmpty, !domain.utf8.contains(UInt8(ascii: "*")) else {
            return nil
        }
        if domain.hasPrefix("https://") || domain.hasPrefix("http://") { return domain }
        return "\(application.type == .bookmark ? "https" : scheme)://\(domain)"
    }
}
