internal import Glibc
internal import Synchronization

/// A thread of the store. It receives no signals.
final class WorkerThread: Sendable {
    private let thread: Mutex<pthread_t?>

    /// - Parameter name: at most 15 bytes, shown by `top -H`.
    init(named name: String, _ body: sending @escaping () -> Void) throws(StoreOpenError) {
        let start = Unmanaged.passRetained(Start(name, body))
        var all = sigset_t()
        var previous = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                start.nameThread()
                start.body()
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            start.release()
            throw .system(SystemFailure(call: "pthread_create", path: name, code: code))
        }
        self.thread = Mutex(thread)
    }

    /// Waits until the body has returned. Later calls return at once.
    func join() {
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let thread { pthread_join(thread, nil) }
    }

    private final class Start {
        let name: String
        let body: () -> Void

        init(_ name: String, _ body: @escaping () -> Void) {
            self.name = name
            self.body = body
        }

        /// The Linux way that needs no extension of the C library; a name is nothing to fail for.
        func nameThread() {
            let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return }
            _ = write(descriptor, name, name.utf8.count)
            close(descriptor)
        }
    }
}
