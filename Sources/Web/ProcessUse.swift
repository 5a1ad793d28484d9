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
        let boot = try String(contentsOfFile: "/proc/stat", encoding: .utf8)
        let files = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        return try ProcessUse(
            stat: stat, boot: boot, openFiles: files, ticks: Double(sysconf(Int32(_SC_CLK_TCK))),
            pageBytes: sysconf(Int32(_SC_PAGESIZE)))
    }

    /// - Parameters:
    ///   - stat: text of /proc/self/stat, see proc(5).
    ///   - boot: text of /proc/stat.
    ///   - ticks: of the kernel's clock, a second.
    init(stat: String, boot: String, openFiles: Int, ticks: Double, pageBytes: Int) throws {
        // The second field, the program's name in brackets, may hold anything.
        let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split { $0 == " " || $0 == "\n" }
        let bootLine = boot.split(separator: "\n").first { $0.hasPrefix("btime ") }
        let numbers = fields.map { Double($0) ?? .nan }
        guard numbers.count > 22, let bootTime = bootLine.flatMap({ Double($0.dropFirst(6)) }) else {
            throw WebError(description: "/proc/self/stat or /proc/stat is not as expected")
        }
        // Field n of proc(5) is number n - 2 here.
        cpuSeconds = (numbers[12] + numbers[13]) / ticks
        threads = Int(numbers[18])
        startSeconds = bootTime + numbers[20] / ticks
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
