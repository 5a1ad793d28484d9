import Foundation
import TestSupport

/// The built `lookout`, run as its users do.
final class Tool {
    /// How a run ended and what it wrote.
    struct Outcome: CustomStringConvertible {
        var arguments: [String]
        /// The exit code, or nil where a signal ended it.
        var code: Int32?
        var stdout: Data
        var stderr: String

        var text: String { String(decoding: stdout, as: UTF8.self) }
        var lines: [Substring] { text.split(separator: "\n") }
        var description: String {
            "lookout \(arguments.joined(separator: " ")) -> \(code.map { "\($0)" } ?? "a signal")\n\(stderr)"
        }

        /// Stdout as one JSON object.
        func json() throws -> [String: Any] {
            guard let object = try JSONSerialization.jsonObject(with: stdout) as? [String: Any] else {
                throw Failure(description: "not an object: \(text)")
            }
            return object
        }
    }

    struct Failure: Error, CustomStringConvertible { let description: String }

    /// Seconds after which something counts as never to come: far more than any run takes, on slow machines, too.
    static let limit = 900.0

    /// The products lie beside the test bundle.
    static let path =
        (Bundle.main.executablePath ?? CommandLine.arguments[0])
        .split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/lookout"

    private let arguments: [String]
    private let process = Process()
    private let ended = DispatchSemaphore(value: 0)
    private let folder: TemporaryFolder
    private let output: String
    private let errors: String

    /// Starts it.
    ///
    /// - Parameters:
    ///   - shell: a command line that runs it as `"$@"`, for what a shell can limit or connect.
    ///   - stdin, stdout, stderr: where these go instead of nowhere, and to `Outcome`.
    init(
        _ arguments: [String], shell: String? = nil, folder currentFolder: String? = nil, stdin: FileHandle? = nil,
        stdout: FileHandle? = nil, stderr: FileHandle? = nil, environment: [String: String] = [:]
    ) throws {
        self.arguments = arguments
        folder = try TemporaryFolder()
        output = try folder.write([], to: "stdout")
        errors = try folder.write([], to: "stderr")
        process.executableURL = URL(fileURLWithPath: shell == nil ? Self.path : "/bin/sh")
        process.arguments = (shell.map { ["-c", $0, "sh", Self.path] } ?? []) + arguments
        if let currentFolder { process.currentDirectoryURL = URL(fileURLWithPath: currentFolder) }
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = stdin ?? FileHandle.nullDevice
        process.standardOutput = stdout ?? FileHandle(forWritingAtPath: output)
        process.standardError = stderr ?? FileHandle(forWritingAtPath: errors)
        process.terminationHandler = { [ended] _ in ended.signal() }
        try process.run()
    }

    var processIdentifier: Int32 { process.processIdentifier }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for the end; a run that takes longer is killed and reported.
    func wait(limit: Double = Tool.limit) throws -> Outcome {
        guard ended.wait(timeout: .now() + limit) == .success else {
            send(SIGKILL)
            ended.wait()
            let text = try String(contentsOfFile: errors, encoding: .utf8)
            throw Failure(description: "lookout \(arguments.joined(separator: " ")) did not end in \(limit) s\n\(text)")
        }
        return Outcome(
            arguments: arguments, code: process.terminationReason == .exit ? process.terminationStatus : nil,
            stdout: try Data(contentsOf: URL(fileURLWithPath: output)),
            stderr: String(decoding: try Data(contentsOf: URL(fileURLWithPath: errors)), as: UTF8.self))
    }

    /// Waits for what a run does meanwhile.
    static func wait(for what: String, _ condition: () -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(limit)
        while !condition() {
            guard ContinuousClock.now < deadline else { throw Failure(description: "\(what) does not come") }
            usleep(1000)
        }
    }

    /// Runs it to its end.
    static func run(
        _ arguments: String..., shell: String? = nil, folder: String? = nil, stdin: FileHandle? = nil,
        stdout: FileHandle? = nil, stderr: FileHandle? = nil, environment: [String: String] = [:]
    ) throws -> Outcome {
        try Tool(
            arguments, shell: shell, folder: folder, stdin: stdin, stdout: stdout, stderr: stderr,
            environment: environment
        ).wait()
    }
}

/// Reads what another process writes, line by line; waits for each.
final class LineReader {
    private let handle: FileHandle
    private var buffer = Data()

    init(_ handle: FileHandle) { self.handle = handle }

    /// The next line without its line feed; nil at the end. A last line without a line feed is `torn`.
    func next() -> String? {
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                defer { buffer = Data(buffer[(end + 1)...]) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            let more = handle.availableData
            if more.isEmpty { return nil }
            buffer += more
        }
    }

    var torn: Data { buffer }
}
