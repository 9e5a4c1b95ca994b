import Foundation
import Mail
import Testing

@Suite("Mail into a folder")
struct FileSinkTests {
    @Test("every message becomes a file of its own that only its owner reads")
    func files() async throws {
        let folder = try Folder()
        let sink = try FileSink(folder: folder.path + "/mail")
        for number in 0..<3 { try await sink.send(try sample(body: "\(number)\n")) }
        let names = try FileManager.default.contentsOfDirectory(atPath: sink.folder)
        #expect(names.count == 3 && names.allSatisfy { $0.hasSuffix(".eml") })
        var bodies: Set<String> = []
        for name in names {
            let path = sink.folder + "/" + name
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.hasPrefix("From: <orgd@acme.example.org>\r\n"))
            bodies.insert(text.components(separatedBy: "\r\n\r\n").last ?? "")
        }
        #expect(bodies == ["0\r\n", "1\r\n", "2\r\n"])
        let attributes = try FileManager.default.attributesOfItem(atPath: sink.folder)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
    }

    @Test("what is no folder is refused when the sink is made")
    func noFolder() throws {
        let folder = try Folder()
        let file = folder.path + "/file"
        try Data().write(to: URL(filePath: file))
        for path in [file, folder.path + "/missing/mail"] {
            let error = #expect(throws: MailError.self) { try FileSink(folder: path) }
            #expect(error?.explanation.hasPrefix(path) == true)
        }
    }

    @Test("a folder that goes away is an error that names the path")
    func vanished() async throws {
        let folder = try Folder()
        let sink = try FileSink(folder: folder.path + "/mail")
        try FileManager.default.removeItem(atPath: sink.folder)
        let error = await #expect(throws: MailError.self) { try await sink.send(try sample()) }
        #expect(error?.explanation.contains(sink.folder) == true)
    }
}
