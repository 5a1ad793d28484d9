import Foundation

/// What the process takes of the machine, as the kernel tells it.
struct ProcessUse {
    var residentBytes: Int
    /// In the program and in the kernel.
    var cpuSeconds: Double
    var openFiles: Int
    var threads: Int
    /// Since 1970.
    var startSeconds: Double

    static func current() throws -> ProcessUse {
        let stat = try String(contentsOfFile: "/proc/self/stat", encoding: .utf8)
        let files = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        return try ProcessUse(
            stat: stat, bootSeconds: bootSeconds, openFiles: files, ticks: Double(sysconf(Int32(_SC_CLK_TCK))),
            pageBytes: sysconf(Int32(_SC_PAGESIZE)))
    }

    /// When the machine started, in seconds since 1970. (/proc/stat has it too, but a service that sees only its own
    /// processes there, `ProcSubset=pid`, has no such file.)
    private static var bootSeconds: Double {
        var (now, up) = (timespec(), timespec())
        clock_gettime(CLOCK_REALTIME, &now)
        clock_gettime(CLOCK_BOOTTIME, &up)
        return Double(now.tv_sec - up.tv_sec) + Double(now.tv_nsec - up.tv_nsec) / 1e9
    }

    /// - Parameters:
    ///   - stat: text of /proc/self/stat, see proc(5).
    ///   - bootSeconds: when the machine started, since 1970.
    ///   - ticks: of the kernel's clock, a second.
    init(stat: String, bootSeconds: Double, openFiles: Int, ticks: Double, pageBytes: Int) throws {
        // The second field, the program's name in brackets, may hold anything.
        let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split { $0 == " " || $0 == "\n" }
        let numbers = fields.map { Double($0) ?? .nan }
        guard numbers.count > 22 else { throw WebError(description: "/proc/self/stat is not as expected") }
        // Field n of proc(5) is number n - 2 here.
        cpuSeconds = (numbers[12] + numbers[13]) / ticks
        threads = Int(numbers[18])
        // As exact as the kernel's clock is, and the same each time.
        startSeconds = ((bootSeconds + numbers[20] / ticks) * 100).rounded() / 100
        residentBytes = Int(numbers[22]) * pageBytes
        self.openFiles = openFiles
    }
}

extension MetricsText {
    mutating func add(_ use: ProcessUse) {
        family("process_resident_memory_bytes", .gauge, "Memory in use.") { $0.put(use.residentBytes) }
        family("process_cpu_seconds_total", .counter, "Time spent computing.") { $0.put(use.cpuSeconds) }
        family("process_open_fds", .gauge, "Open file descriptors.") { $0.put(use.openFiles) }
        family("process_threads", .gauge, "Threads.") { $0.put(use.threads) }
        family("process_start_time_seconds", .gauge, "When the process began, in seconds since 1970.") {
            $0.put(use.startSeconds)
        }
    }
}
