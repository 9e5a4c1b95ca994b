import API
import CommandLine
import Console
import ControlPlane
import Crypto
import EventLoops
import Federation
import Glibc
import HTTPServer
import Portal
import Primitives
import Store
import Synchronization
import Telemetry

/// Where everything is put together: read this first to see how the parts meet.
enum Wiring {
    static func start(_ configuration: Configuration) async throws(StartFailure) -> RunningServer {
        let isNew = !Files.exists(configuration.databasePath)
        let vault = try vault(configuration, isNewDatabase: isNew)
        let registry = MetricsRegistry()
        let store = try open(configuration, DatabaseMetrics(registry))
        for migration in store.applied { configuration.logger.info("migrated", .string("migration", migration.name)) }
        let group = try loops(configuration.threads)
        ProcessMetrics.register(in: registry, startedAt: SystemClock().now)
        let keys = KeyCache(
            fetcher: NetworkFetcher(allowing: configuration.allowedNetworks, group: group, registry),
            clock: SystemClock())
        let mailer: Mailer?
        do throws(StartFailure) {
            mailer = try Mailer.start(configuration, group)
        } catch {
            store.close()
            throw error
        }
        let shared = SharedParts(
            configuration, store, vault, registry, keys, mailer,
            NetworkClientDocuments(allowing: configuration.allowedNetworks, group: group, registry))
        var options = ServerOptions(address: configuration.listen)
        options.tls = configuration.tls.map { .init(certificatePath: $0.certificate, keyPath: $0.key) }
        let server = Server(options, group: group) { loop, address in
            shared.makeHandler(loop, address)
        }
        let socket: BoundSocket
        do throws(ServerError) {
            socket = try server.bind()
        } catch {
            store.close()
            throw StartFailure("\(error)", .cannotCreate)
        }
        let address = socket.address
        store.announce(address: "\(address)")
        // Nobody is answered before the first token exists: to be told that it is unknown would be wrong.
        try await bootstrap(shared.plane(for: address), configuration)
        server.start(on: socket)
        registry.observe("orgd_http_connections", help: "Connections open now.") { Double(server.openConnections) }
        let chores = Chores(
            shared.plane(for: address), shared.readiness, configuration.logger, registry, group.loops[0])
        return RunningServer(
            chores: chores, server: server, group: group, store: store, keys: keys, mailer: mailer,
            logger: configuration.logger,
            origin: "\(configuration.tls == nil ? "http" : "https")://\(address)")
    }

    private static func vault(_ configuration: Configuration, isNewDatabase: Bool) throws(StartFailure) -> Vault {
        do throws(FileFailure) {
            let key = try Files.secretKey(at: configuration.secretKeyPath, isNewDatabase: isNewDatabase)
            do throws(CryptoError) {
                return try Vault(key: key)
            } catch { throw FileFailure("the secret key cannot be used: \(error)") }
        } catch { throw StartFailure(error.message, .config) }
    }

    private static func open(_ configuration: Configuration, _ observer: DatabaseMetrics) throws(StartFailure)
        -> Database
    {
        var options = StoreOptions(path: configuration.databasePath, for: .serve(address: "\(configuration.listen)"))
        options.observer = observer
        options.delivery = { EventLoop.batchingWakeUps($0) }
        do throws(StoreOpenError) {
            return try Database.open(options, migrations: EmbeddedMigrations.all)
        } catch {
            let status: ExitCode =
                switch error {
                case .alreadyServed: .cannotCreate
                case .newerDatabase, .changedMigration, .skippedMigration: .config
                default: .ioError
                }
            throw StartFailure("\(configuration.databasePath): \(error)", status)
        }
    }

    private static func loops(_ count: Int) throws(StartFailure) -> EventLoopGroup {
        do throws(SystemError) {
            return try EventLoopGroup(loops: count, name: "loop")
        } catch { throw StartFailure("cannot start \(count) event loops: \(error)", .software) }
    }

    /// Gives an empty database its first administrator.
    private static func bootstrap(_ plane: Plane, _ configuration: Configuration) async throws(StartFailure) {
        do throws(Failure) {
            guard let token = try await plane.bootstrap(token: configuration.bootstrapToken) else { return }
            guard configuration.bootstrapToken == nil else { return }
            let path = Files.beside(configuration.databasePath, "bootstrap-token")
            do throws(FileFailure) {
                try Files.write(Array((token.exposed() + "\n").utf8), to: path)
            } catch { throw .inconsistent(error.message) }
            Files.complain("first administrator token, shown once and written to \(path):\n\(token.exposed())")
        } catch {
            throw StartFailure("cannot create the first administrator: \(error)", .ioError)
        }
    }
}

/// What the handlers of all loops share, made when the address is known.
private final class SharedParts: Sendable {
    private let configuration: Configuration
    private let store: Database
    private let vault: Vault
    private let registry: MetricsRegistry
    private let keys: KeyCache
    private let clientDocuments: NetworkClientDocuments
    private let mailer: Mailer?
    private let options = Mutex<APIOptions?>(nil)
    let readiness = DatabaseReadiness(.ready)

    init(
        _ configuration: Configuration, _ store: Database, _ vault: Vault, _ registry: MetricsRegistry,
        _ keys: KeyCache, _ mailer: Mailer?, _ clientDocuments: NetworkClientDocuments
    ) {
        self.mailer = mailer
        self.configuration = configuration
        self.store = store
        self.vault = vault
        self.registry = registry
        self.keys = keys
        self.clientDocuments = clientDocuments
    }

    func plane(for address: SocketAddress) -> Plane { apiOptions(for: address).plane }

    func makeHandler(_ loop: EventLoop, _ address: SocketAddress) -> any RequestHandler {
        do throws(Failure) {
            let options = apiOptions(for: address)
            let api = try APIHandler(options, loop: loop)
            let portal = PortalOptions(
                plane: options.plane, logger: configuration.logger, trustedProxies: configuration.trustedProxies,
                limiter: options.limiter, metrics: GateMetrics(registry))
            let console = ConsoleHandler(
                ConsoleOptions(
                    plane: options.plane, logger: configuration.logger, limiter: options.limiter,
                    trustedProxies: configuration.trustedProxies, hosts: options.hosts),
                reader: api.reader, tokens: api.desk, loop: loop, otherwise: api)
            return PortalHandler(portal, reader: api.reader, tokens: api.desk, loop: loop, otherwise: console)
        } catch {
            Files.complain("cannot open the database for reading: \(error)")
            exit(ExitCode.ioError.status)
        }
    }

    private func apiOptions(for address: SocketAddress) -> APIOptions {
        options.withLock { made in
            if let made { return made }
            let scheme = configuration.tls == nil ? "http" : "https"
            let publicURL = configuration.publicURL ?? "\(scheme)://localhost:\(address.port)"
            let plane = Plane(
                store: store, clock: SystemClock(),
                settings: ControlPlane.Settings(
                    publicURL: publicURL, accessDomain: configuration.accessDomain,
                    maxAccounts: configuration.maxAccounts, allowedNetworks: configuration.allowedNetworks),
                vault: vault, keys: keys, messenger: mailer, clientDocuments: clientDocuments)
            let new = APIOptions(
                plane: plane, router: Router(AllRoutes.groups),
                limiter: RateLimiter(
                    failuresPerMinute: configuration.authFailureLimit, requestsPerSecond: configuration.rateLimit),
                logger: configuration.logger, metrics: APIMetrics(registry),
                identityTokens: PrimaryIdPAuthenticator(), trustedProxies: configuration.trustedProxies,
                hosts: Self.hosts(publicURL, address),
                readiness: readiness)
            made = new
            return new
        }
    }

    /// The names under which the REST API answers: the public URL's, `localhost`, and the address itself.
    private static func hosts(_ publicURL: String, _ address: SocketAddress) -> Set<String> {
        let authority = publicURL.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first ?? ""
        let name =
            authority.hasPrefix("[")
            ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        return [name.lowercased(), "localhost", "127.0.0.1", "::1", address.ipText]
    }
}

/// A server that answers, until a signal ends it.
struct RunningServer: Sendable {
    let chores: Chores
    let server: Server
    let group: EventLoopGroup
    let store: Database
    let keys: KeyCache
    let mailer: Mailer?
    let logger: Logger
    let origin: String

    /// Waits for SIGTERM or SIGINT, then stops accepting, lets requests finish and closes the database.
    func untilStopped() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let stop = StopOnce(continuation)
            do throws(SystemError) {
                try SignalWatcher.start(on: group.loops[0]) { signal in
                    switch signal {
                    case .terminate, .interrupt: stop.now()
                    case .hangUp: reload()
                    }
                }
            } catch {
                logger.error("signals_unavailable", .string("cause", "\(error)"))
                stop.now()
            }
        }
        logger.info("stopping", .int("connections", server.openConnections))
        await server.drain(within: .seconds(10))
        await chores.stop()
        await mailer?.stop()
        await keys.stop()
        store.close()
        group.shutdown()
    }

    private func reload() {
        do throws(ServerError) {
            try server.reloadCertificate()
            logger.info("certificate_reloaded")
        } catch { logger.error("certificate_not_reloaded", .string("cause", "\(error)")) }
    }
}

/// Resumes a continuation on the first of several signals.
final class StopOnce: Sendable {
    private let continuation: Mutex<CheckedContinuation<Void, Never>?>

    init(_ continuation: CheckedContinuation<Void, Never>) { self.continuation = Mutex(continuation) }

    func now() {
        continuation.withLock { waiting in
            waiting?.resume()
            waiting = nil
        }
    }
}
