import CommandLine
import Crypto
import DevIdP
import EventLoops
import HTTPServer
import Primitives

/// `orgd dev-idp`: a small OpenID Connect provider on loopback.
enum DevIdPCommand {
    static let command = Command(
        "dev-idp", summary: "run a small OIDC provider on loopback, for trying things out",
        discussion: """
            Prints its issuer when it answers. Everyone's password is "password"; keys and sessions live in memory. Never \
            started by `serve`, and not for production: whoever reaches it can be anybody.
            """,
        options: [
            .value(
                "listen", placeholder: "ADDRESS", default: "127.0.0.1:8788",
                help: "loopback address and port; port 0 picks a free one",
                rule: loopback),
            .value(
                "client-id", placeholder: "ID", default: "orgd", help: "the one client it knows; any secret will do",
                rule: .nonEmpty),
            .value(
                "user", placeholder: "USER",
                help: "who can sign in, as alice@example.com:Alice:groups=eng,admins; may be repeated",
                rule: user, repeats: .each),
            .value(
                "everyone", placeholder: "USER",
                help: "sign everybody in as this person without asking, for scripts; an address or its first part"),
        ],
        examples: [.init("orgd dev-idp --user alice@example.com:Alice", "a provider with one person")], run: run)

    private static let loopback = ValueRule.check { text in
        guard let address = SocketAddress(text) else { return "must be an address and a port, such as 127.0.0.1:8788" }
        return address.ip.isLoopback ? nil : "must be a loopback address"
    }
    private static let user = ValueRule.check { text in
        DemoUser(text) == nil ? "must be ADDRESS, ADDRESS:NAME or ADDRESS:NAME:groups=A,B" : nil
    }

    private static func untilStopped(on loop: EventLoop) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let stop = StopOnce(continuation)
            do throws(SystemError) {
                try SignalWatcher.start(on: loop) { signal in if signal != .hangUp { stop.now() } }
            } catch {
                Files.complain("signals cannot be watched: \(error)")
                stop.now()
            }
        }
    }

    @Sendable private static func run(_ values: ParsedValues) async -> ExitCode {
        guard let address = SocketAddress(values.string("listen")) else { return .usage }
        let named = values.list("user").compactMap { DemoUser($0) }
        let users = named.isEmpty ? DemoUser.samples : named
        if let name = values.stringIfGiven("everyone"),
            !users.contains(where: { $0.email == name || $0.shortName == name })
        {
            return values.misuse("--everyone names nobody: use an address of --user, or its part before the @")
        }
        do {
            let group = try EventLoopGroup(loops: 1, name: "idp")
            let provider = try DemoProvider(
                users: users, clientID: values.string("client-id"), everyone: values.stringIfGiven("everyone"))
            let issuer = try provider.start(at: address, group: group)
            Files.say("dev-idp issuer \(issuer)")
            await untilStopped(on: group.loops[0])
            await provider.stop()
            group.shutdown()
            return .ok
        } catch {
            Files.complain("\(error)")
            return .cannotCreate
        }
    }
}
