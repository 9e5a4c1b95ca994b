import Foundation
import JSON
import Synchronization
import TestKit

/// The executable beside the one that runs the tests.
enum Orgd {
    static let path = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "orgd").path
    static let token = "cfut_end_to_end_0123456789012345678901"

    /// Runs a command to its end.
    static func run(_ arguments: [String]) throws -> (status: Int32, output: String, errors: String) {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = [:]
        let (output, errors) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, errors)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = (
            String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self),
            String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        )
        process.waitUntilExit()
        return (process.terminationStatus, text.0, text.1)
    }
}

/// A server process on a port of its own.
final class RunningOrgd: @unchecked Sendable {
    struct Answer {
        let status: Int
        let json: JSONValue
        var id: String { json["result"]?["id"]?.stringValue ?? "" }
    }

    enum Problem: Error {
        case noStart(String)
        case noConnection, noAnswer
    }

    // `Process` is only touched by the test that owns the server.
    private let process: Process
    let port: Int

    static func start(in folder: TemporaryFolder) async throws -> RunningOrgd {
        let process = Process()
        process.executableURL = URL(filePath: Orgd.path)
        process.arguments = ["serve", "--listen", "127.0.0.1:0", "--database", folder.file("orgd.sqlite")]
        process.environment = ["ORGD_BOOTSTRAP_TOKEN": Orgd.token]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        var text = ""
        while !text.contains("\n") {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw Problem.noStart(text) }
            text += String(decoding: data, as: UTF8.self)
        }
        guard let port = text.split(separator: "\n").first?.split(separator: ":").last.flatMap({ Int($0) }) else {
            throw Problem.noStart(text)
        }
        return RunningOrgd(process, port)
    }

    private init(_ process: Process, _ port: Int) {
        self.process = process
        self.port = port
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// Sends a signal and waits for the end.
    func stop(_ signal: Int32) -> Int32 {
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        return process.terminationStatus
    }

    func get(_ path: String) throws -> Answer { try request("GET", path, nil) }
    func post(_ path: String, _ body: JSONValue) throws -> Answer { try request("POST", path, body) }

    func accounts(of organization: String) throws -> Set<String> {
        var found: Set<String> = []
        var token: String?
        repeat {
            let page = try get(
                "/organizations/\(organization)/accounts?page_size=100\(token.map { "&page_token=\($0)" } ?? "")"
            ).json
            found.formUnion(page["result"]?.arrayValue?.compactMap { $0["id"]?.stringValue } ?? [])
            token = page["result_info"]?["next_page_token"]?.stringValue
        } while token != nil
        return found
    }

    /// Creates accounts from several threads until enough were acknowledged, then kills the server in the middle of more.
    ///
    /// - Returns: the ids that were acknowledged.
    func createUntilKilled(in organization: String, after count: Int) async throws -> Set<String> {
        let acknowledged = Acknowledged()
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let running = Acknowledged()
            for client in 0..<4 {
                Thread.detachNewThread { [self] in
                    for number in 0..<10_000 {
                        let body: JSONValue = [
                            "name": .string("a\(client)-\(number)"), "unit": ["id": .string(organization)],
                        ]
                        guard let answer = try? post("/accounts", body), answer.status == 200 else { break }
                        if acknowledged.add(answer.id) == count { kill(process.processIdentifier, SIGKILL) }
                    }
                    if running.add("\(client)") == 4 { continuation.resume() }
                }
            }
        }
        process.waitUntilExit()
        return acknowledged.ids
    }

    /// One request on a connection of its own, read to its end.
    private func request(_ method: String, _ path: String, _ body: JSONValue?) throws -> Answer {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw Problem.noConnection }
        let content = body?.serializedBytes() ?? []
        var bytes = Array(
            """
            \(method) /client/v4\(path) HTTP/1.1\r
            Host: localhost\r
            Authorization: Bearer \(Orgd.token)\r
            Content-Type: application/json\r
            Content-Length: \(content.count)\r
            Connection: close\r
            \r

            """.utf8)
        bytes += content
        guard send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { throw Problem.noAnswer }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            received += buffer[..<count]
        }
        let text = String(decoding: received, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n"), let status = Int(text.dropFirst(9).prefix(3)) else {
            throw Problem.noAnswer
        }
        guard let json = try? JSONParser.parse(Array(text[end.upperBound...].utf8)) else { throw Problem.noAnswer }
        return Answer(status: status, json: json)
    }
}

/// Ids collected by several threads.
private final class Acknowledged: Sendable {
    private let known = Mutex<Set<String>>([])

    var ids: Set<String> { known.withLock { $0 } }

    /// - Returns: how many there are now.
    func add(_ id: String) -> Int {
        known.withLock { ids in
            ids.insert(id)
            return ids.count
        }
    }
}
