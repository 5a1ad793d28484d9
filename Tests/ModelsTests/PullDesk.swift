import Foundation
import Pipeline
import TestSupport

@testable import Models

/// A folder to pull into, and a model of one file of names to pull.
final class PullDesk: Sendable {
    let folder: TemporaryFolder
    private let seen = Locked<[PullEvent]>([])

    static let lines = 200_000
    static let content = text(lines: lines)

    init() throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.file("models"), withIntermediateDirectories: false)
    }

    static func text(lines: Int) -> [UInt8] {
        var text: [UInt8] = []
        for line in 0..<lines { text += Array("word \(100_000 + line % 900_000)\n".utf8).suffix(10) }
        return text
    }

    static func file(lines: Int, byteCount: Int) -> ModelFile {
        ModelFile(
            name: "words.names", address: "http://127.0.0.1:1/none", content: .names(lines: lines),
            byteCounts: [byteCount])
    }

    var store: ModelStore { ModelStore(environment: ["LOOKOUT_MODELS": folder.file("models")]) }
    var target: String { folder.file("models/words.names") }
    var events: [PullEvent] { seen.withLock { $0 } }

    var retries: [String] {
        events.compactMap { event in
            if case .retrying(let reason, _) = event { reason } else { nil }
        }
    }

    let options: PullOptions = {
        var options = PullOptions()
        options.pauses = [0.01, 0.01, 0.01]
        // A day, which is never: under a sanitizer a server may not have its turn for minutes.
        options.connectTimeout = 86_400
        options.silenceTimeout = 86_400
        return options
    }()

    func puller(from source: ModelSource, options: PullOptions? = nil) -> ModelPuller {
        ModelPuller(store, from: source, options: options ?? self.options, environment: [:]) { [seen] event in
            seen.withLock { $0.append(event) }
        }
    }

    func pull(
        from source: ModelSource, file: ModelFile? = nil, again: Bool = false, options: PullOptions? = nil
    ) async throws {
        let file = file ?? Self.file(lines: Self.lines, byteCount: Self.content.count)
        try await Self.run(puller(from: source, options: options), file, again: again)
    }

    /// On a thread of its own: tests run on Swift's few, which a pull that blocks them would wait for without an end.
    static func run(_ puller: ModelPuller, _ file: ModelFile, again: Bool = false) async throws {
        let thread = Locked<StageThread?>(nil)
        let result: Result<Void, any Error> = await withCheckedContinuation { done in
            do {
                let started = try StageThread("pull") {
                    done.resume(returning: Result { try puller.pull(Self.model([file]), again: again) })
                }
                thread.withLock { $0 = started }
            } catch {
                done.resume(returning: .failure(error))
            }
        }
        thread.withLock { $0 }?.join()
        try result.get()
    }

    static func model(_ files: [ModelFile]) -> PublishedModel {
        PublishedModel(name: "yolov2", summary: "", files: files)
    }

    func pull(from server: FileServer, again: Bool = false) async throws {
        try await pull(from: ModelSource(mirror: server.url), again: again)
    }

    struct NoFailure: Error {}

    func failure(from server: FileServer, file: ModelFile? = nil) async throws -> ModelError {
        do {
            try await pull(from: ModelSource(mirror: server.url), file: file)
        } catch let error as ModelError {
            return error
        }
        throw NoFailure()
    }

    func placed() throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(fileURLWithPath: target))) }

    /// What an earlier pull left.
    func leave(_ bytes: some Sequence<UInt8>, tag: String) throws {
        try folder.write(bytes, to: "models/words.names.partial")
        try folder.write((tag + "\n").utf8, to: "models/words.names.partial.origin")
    }

    /// What lies beside the file.
    func leftovers() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.file("models"))) ?? []
        return names.filter { $0 != "words.names" }.sorted()
    }
}
