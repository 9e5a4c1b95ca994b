import Glibc
package import Primitives

/// The metrics every Prometheus client library exports about its process.
package enum ProcessMetrics {
    package static func register(in registry: MetricsRegistry, startedAt: Timestamp) {
        let start = Double(startedAt.microseconds) / 1_000_000
        registry.observe("process_start_time_seconds", help: "Start of the process since the Unix epoch.") { start }
        registry.observe("process_cpu_seconds_total", help: "User and system CPU time.", kind: .counter) {
            cpuSeconds()
        }
        registry.observe("process_resident_memory_bytes", help: "Resident memory size.") { residentBytes() }
        registry.observe("process_open_fds", help: "Open file descriptors.") { openDescriptors() }
    }

    private static func cpuSeconds() -> Double {
        var usage = rusage()
        guard getrusage(__rusage_who_t(bitPattern: UInt32(truncatingIfNeeded: RUSAGE_SELF.rawValue)), &usage) == 0
        else { return .nan }
        let microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(microseconds) / 1_000_000
    }

    /// The second number of `/proc/self/statm`, in pages.
    private static func residentBytes() -> Double {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return .nan }
        defer { close(descriptor) }
        let text = String(unsafeUninitializedCapacity: 256) { buffer in
            max(0, read(descriptor, buffer.baseAddress, 256))
        }
        let numbers = text.split(separator: " ")
        guard numbers.count > 1, let pages = Double(numbers[1]) else { return .nan }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func openDescriptors() -> Double {
        guard let folder = opendir("/proc/self/fd") else { return .nan }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Without `.`, `..` and the descriptor of the folder itself.
        return Double(max(0, count - 3))
    }
}
