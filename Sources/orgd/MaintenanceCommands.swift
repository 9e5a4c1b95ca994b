import CommandLine
import Crypto
import Primitives
import Store

/// `orgd migrate`: applies, or only lists, the migrations that the binary carries.
enum MigrateCommand {
    static let command = Command(
        "migrate", summary: "apply pending migrations, or list them",
        discussion: "Copies the database to <database>.before-NNNN first. Killed at any instant, the next run goes on.",
        options: [Settings.database, .flag("status", help: "only list what is applied and what is pending")], run: run)

    @Sendable private static func run(_ values: ParsedValues) async -> ExitCode {
        let path = values.string("database")
        do throws(StoreOpenError) {
            if values.bool("status") {
                let status = try Database.migrationStatus(path: path, migrations: EmbeddedMigrations.all)
                for migration in status.applied { Files.say("applied  \(migration.name)") }
                for migration in status.pending { Files.say("pending  \(migration.name)") }
                return .ok
            }
            let store = try Database.open(StoreOptions(path: path, for: .migrate), migrations: EmbeddedMigrations.all)
            for migration in store.applied { Files.say("applied \(migration.name)") }
            if store.applied.isEmpty { Files.say("nothing to apply") }
            store.close()
            return .ok
        } catch {
            Files.complain("\(path): \(error)")
            if case .alreadyServed = error { return .cannotCreate }
            return .failure
        }
    }
}

/// `orgd backup FILE`: a consistent copy while the server runs.
enum BackupCommand {
    static let command = Command(
        "backup", summary: "copy the database while it is in use",
        discussion: "The secret key file is not part of the copy: back it up once, in another place.",
        arguments: [Positional("file", help: "where the copy goes; an existing file is replaced")],
        options: [Settings.database], run: run)

    @Sendable private static func run(_ values: ParsedValues) async -> ExitCode {
        let (path, target) = (values.string("database"), values.string("file"))
        do throws(StoreOpenError) {
            let store = try Database.open(StoreOptions(path: path, for: .inspect), migrations: EmbeddedMigrations.all)
            defer { store.close() }
            do throws(BackupError) {
                try store.backup(to: target)
            } catch {
                Files.complain("\(target): \(error)")
                return .ioError
            }
            Files.say("copied \(path) to \(target)")
            return .ok
        } catch {
            Files.complain("\(path): \(error)")
            return .noInput
        }
    }
}

/// `orgd check`: the database, its foreign keys, the audit chain and the configuration.
enum CheckCommand {
    static let command = Command(
        "check", summary: "verify the database, the audit chain and the configuration",
        discussion: "Exit status 1 names what is wrong. Works while the server runs.",
        options: Settings.serve, run: run)

    @Sendable private static func run(_ values: ParsedValues) async -> ExitCode {
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration(values)
        } catch {
            guard case .invalid(let sentence) = error else { return .usage }
            return values.misuse(sentence)
        }
        var problems: [String] = []
        do throws(FileFailure) {
            if let key = try Files.read(configuration.secretKeyPath), key.count != 32 {
                problems.append("\(configuration.secretKeyPath): the secret key must be exactly 32 bytes")
            } else if !Files.exists(configuration.secretKeyPath) {
                problems.append("\(configuration.secretKeyPath): the secret key is missing")
            }
        } catch { problems.append(error.message) }
        problems += await databaseProblems(configuration.databasePath)
        guard problems.isEmpty else {
            for problem in problems { Files.complain(problem) }
            return .failure
        }
        Files.say("everything is in order")
        return .ok
    }

    private static func databaseProblems(_ path: String) async -> [String] {
        do throws(StoreOpenError) {
            let store = try Database.open(StoreOptions(path: path, for: .inspect), migrations: EmbeddedMigrations.all)
            defer { store.close() }
            let problems = store.check().map { "\(path): \($0)" }
            guard problems.isEmpty else { return problems }
            do throws(Failure) {
                let audit = try await store.background { (reader) throws(Failure) in try reader.auditIntegrity() }
                Files.say("audit chain: \(audit.rows) rows, head \(Hex.encode(audit.headHash))")
                if let broken = audit.firstBroken {
                    return [
                        "\(path): the audit chain is broken at row \(broken.uuid): it was changed, moved, or one before it is missing"
                    ]
                }
                return audit.isIntact ? [] : ["\(path): rows are missing at the end of the audit chain"]
            } catch { return ["\(path): \(error)"] }
        } catch { return ["\(path): \(error)"] }
    }
}
