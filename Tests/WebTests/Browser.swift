import Foundation
import Glibc
import Pipeline
import TestSupport

/// A headless Chromium, told what to do over two pipes by the DevTools protocol.
///
/// One call at a time.
final class Browser: Sendable {
    static let path = "/usr/bin/chromium"
    static let available = FileManager.default.isExecutableFile(atPath: path)

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private struct State {
        var id = 0
        var unread: [UInt8] = []
        var session: String?
        var complaints: [String] = []
    }

    private let process = Process()
    private let folder: TemporaryFolder
    private let commands: FileHandle
    private let answers: FileHandle
    private let state = Locked(State())

    /// Opens a page in a window of this size.
    init(_ url: String, width: Int, height: Int, isDark: Bool = false) throws {
        folder = try TemporaryFolder()
        let (input, output) = (folder.file("commands"), folder.file("answers"))
        guard mkfifo(input, 0o600) == 0, mkfifo(output, 0o600) == 0 else { throw Failure(description: "mkfifo") }
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // It takes commands from descriptor 3 and answers by 4.
        process.arguments = [
            "-c",
            "exec \(Self.path) --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars "
                + "--user-data-dir='\(folder.file("profile"))' --remote-debugging-pipe 3<'\(input)' 4>'\(output)'",
        ]
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        try process.run()
        commands = try FileHandle(forWritingTo: URL(fileURLWithPath: input))
        answers = try FileHandle(forReadingFrom: URL(fileURLWithPath: output))

        let target = try call("Target.createTarget", ["url": "about:blank"])["targetId"] as? String ?? ""
        let session = try call("Target.attachToTarget", ["targetId": target, "flatten": true])["sessionId"] as? String
        state.withLock { $0.session = session }
        try call("Runtime.enable")
        try call("Log.enable")
        try call("Page.enable")
        try call(
            "Emulation.setEmulatedMedia",
            ["features": [["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]]])
        try resize(width: width, height: height)
        try call("Page.navigate", ["url": url])
        try wait(for: "location.protocol !== 'about:' && document.readyState === 'complete'")
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
    }

    /// Errors that the page's script or security policy ran into.
    var complaints: [String] { state.withLock { $0.complaints } }

    func resize(width: Int, height: Int) throws {
        let size: [String: Any] = ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500]
        try call("Emulation.setDeviceMetricsOverride", size)
    }

    /// The value of a JavaScript expression; promises are awaited.
    @discardableResult
    func evaluate(_ expression: String) throws -> Any? {
        let answer = try call(
            "Runtime.evaluate", ["expression": expression, "returnByValue": true, "awaitPromise": true])
        if let details = answer["exceptionDetails"] { throw Failure(description: "\(expression): \(details)") }
        return (answer["result"] as? [String: Any])?["value"]
    }

    /// Waits until an expression is true.
    func wait(for expression: String) throws {
        let deadline = ContinuousClock.now + .seconds(300)
        while try evaluate(expression) as? Bool != true {
            guard ContinuousClock.now < deadline else { throw Failure(description: "never true: \(expression)") }
            usleep(50_000)
        }
    }

    /// What is seen, as PNG.
    func screenshot() throws -> Data {
        let answer = try call("Page.captureScreenshot", ["format": "png"])
        return try (answer["data"] as? String).flatMap { Data(base64Encoded: $0) }
            ?? { throw Failure(description: "no screenshot") }()
    }

    @discardableResult
    private func call(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
        let (id, session) = state.withLock { state in
            state.id += 1
            return (state.id, state.session)
        }
        var message: [String: Any] = ["id": id, "method": method, "params": parameters]
        message["sessionId"] = session
        try commands.write(contentsOf: JSONSerialization.data(withJSONObject: message) + [0])
        while true {
            let answer = try next()
            note(answer)
            guard answer["id"] as? Int == id else { continue }
            guard let result = answer["result"] as? [String: Any] else {
                throw Failure(description: "\(method): \(answer["error"] ?? "no result")")
            }
            return result
        }
    }

    private func note(_ event: [String: Any]) {
        guard let parameters = event["params"] as? [String: Any] else { return }
        switch event["method"] as? String {
        case "Runtime.exceptionThrown": state.withLock { $0.complaints.append("\(parameters)") }
        case "Log.entryAdded":
            guard let entry = parameters["entry"] as? [String: Any], entry["level"] as? String == "error" else {
                return
            }
            state.withLock { $0.complaints.append("\(entry["source"] ?? ""): \(entry["text"] ?? "")") }
        default: break
        }
    }

    /// The next message; they end with a zero byte.
    private func next() throws -> [String: Any] {
        while true {
            let message: [UInt8]? = state.withLock { state in
                guard let end = state.unread.firstIndex(of: 0) else { return nil }
                defer { state.unread.removeSubrange(...end) }
                return Array(state.unread[..<end])
            }
            if let message {
                return try JSONSerialization.jsonObject(with: Data(message)) as? [String: Any] ?? [:]
            }
            let data = answers.availableData
            guard !data.isEmpty else { throw Failure(description: "the browser has ended") }
            state.withLock { $0.unread += data }
        }
    }
}
