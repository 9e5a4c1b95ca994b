import Crypto
import Glibc
import Primitives

/// Writes every message as one `.eml` file with mode 0600 into a folder: for development, and for programs that pick mail
/// up there. A file appears under its final name only when it is complete and durable.
package struct FileSink: MailSink {
    package let folder: String

    /// Makes the folder, with mode 0700, where it is missing.
    ///
    /// - Throws: ``MailError/fileFailed(_:)``.
    package init(folder: String) throws(MailError) {
        self.folder = folder
        if mkdir(folder, 0o700) != 0, errno != EEXIST { throw Self.failure(folder) }
        // Also for the owner of everything: a file in place of the folder has no entries.
        guard access(folder + "/.", W_OK | X_OK) == 0 else { throw Self.failure(folder) }
    }

    package func send(_ message: MailMessage) async throws(MailError) {
        // Sorted by name, the files are in the order of their dates.
        let microseconds = String(message.date.microseconds)
        let name = "\(folder)/\(microseconds)-\(RandomToken.hex(bytes: 8))"
        let temporary = name + ".tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure(temporary) }
        do throws(MailError) {
            defer { close(descriptor) }
            try Self.write(message.bytes, to: descriptor, temporary)
            guard fsync(descriptor) == 0 else { throw Self.failure(temporary) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, name + ".eml") == 0 else {
            let failure = Self.failure(name)
            unlink(temporary)
            throw failure
        }
        try syncFolder()
    }

    private static func write(_ bytes: [UInt8], to descriptor: CInt, _ path: String) throws(MailError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(path) }
            rest = rest.dropFirst(count)
        }
    }

    /// The new name is durable once the folder is.
    private func syncFolder() throws(MailError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Self.failure(folder) }
    }

    private static func failure(_ path: String) -> MailError {
        .fileFailed("\(path): \(String(cString: strerror(errno)))")
    }
}
