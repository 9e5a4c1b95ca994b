import CommandLine
import ControlPlane
import Crypto
import EventLoops
import Mail
import Primitives
import Synchronization
import Telemetry

/// Sends letters in the background and notes whether the mail server takes them.
final class Mailer: Messenger {
    private let sink: any MailSink
    private let from: MailAddress
    private let clock: any WallClock
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        var failedAt: Timestamp?
        var underWay: [UInt64: Task<Void, Never>] = [:]
        var next: UInt64 = 0
    }

    /// How long a failure counts: letters are not even tried meanwhile.
    private static let pause = Duration.seconds(30)
    private static let capacity = 200

    init(_ sink: any MailSink, from: MailAddress, clock: any WallClock, logger: Logger) {
        self.sink = sink
        self.from = from
        self.clock = clock
        self.logger = logger
    }

    var isFailing: Bool {
        let now = clock.now
        return state.withLock { state in
            if state.underWay.count >= Self.capacity { return true }
            return state.failedAt.map { now - $0 < Self.pause } ?? false
        }
    }

    func post(_ letter: Letter) {
        guard let address = MailAddress(letter.to) else {
            logger.warning("mail_not_sent", .string("cause", "the address cannot be written into a mail"))
            return
        }
        state.withLock { state in
            let number = state.next
            state.next += 1
            state.underWay[number] = Task {
                await send(letter, to: address)
                _ = self.state.withLock { $0.underWay.removeValue(forKey: number) }
            }
        }
    }

    private func send(_ letter: Letter, to address: MailAddress) async {
        do throws(MailError) {
            try await sink.send(
                MailMessage(
                    from: from, to: address, subject: letter.subject, body: letter.body, date: clock.now,
                    id: RandomToken.hex(bytes: 16)))
            state.withLock { $0.failedAt = nil }
        } catch {
            logger.error("mail_failed", .string("cause", error.explanation))
            // What is wrong with one letter or its addressee says nothing about the next.
            guard !error.concernsOneMessage else { return }
            let now = clock.now
            state.withLock { $0.failedAt = now }
        }
    }

    /// Waits for letters under way.
    func stop() async {
        for task in state.withLock({ Array($0.underWay.values) }) { await task.value }
    }
}

extension MailError {
    fileprivate var concernsOneMessage: Bool {
        switch self {
        case .invalidMessage: true
        case .refused(_, let step): step == "RCPT" || step == "the message"
        case .invalidSettings, .timedOut, .unresolved, .connectionFailed, .tls, .encryptionUnavailable, .malformed,
            .authenticationUnavailable, .fileFailed, .cancelled:
            false
        }
    }
}

extension Mailer {
    /// - Returns: `nil` where the configuration names no way to send mail.
    static func start(_ configuration: Configuration, _ group: EventLoopGroup) throws(StartFailure) -> Mailer? {
        guard let settings = configuration.mail else { return nil }
        let sink: any MailSink
        do throws(MailError) {
            switch settings {
            case .smtp(let server): sink = try SMTPSink(server, group: group)
            case .folder(let path): sink = try FileSink(folder: path)
            }
        } catch { throw StartFailure("--mail cannot be used: \(error.explanation)", .cannotCreate) }
        return Mailer(sink, from: configuration.mailFrom, clock: SystemClock(), logger: configuration.logger)
    }
}
