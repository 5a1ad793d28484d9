import Darknet
import Dispatch
import Foundation
import Pipeline

/// Fetches models into the store's first folder. Each file has its own name only when it is whole and checked.
public final class ModelPuller: Sendable {
    private let store: ModelStore
    private let source: ModelSource
    private let options: PullOptions
    private let environment: [String: String]
    private let report: @Sendable (PullEvent) -> Void
    private let state = Locked<(isCancelled: Bool, task: Task<Void, Never>?)>((false, nil))

    /// - Parameters:
    ///   - environment: where proxies are named.
    ///   - report: told what happens, on any thread, one at a time.
    public init(
        _ store: ModelStore, from source: ModelSource, options: PullOptions = PullOptions(),
        environment: [String: String], report: @escaping @Sendable (PullEvent) -> Void
    ) {
        self.store = store
        self.source = source
        self.options = options
        self.environment = environment
        self.report = report
    }

    /// Ends the pull that runs, and all later ones, with `.cancelled`. From any thread; returns at once.
    public func cancel() {
        state.withLock { state in
            state.isCancelled = true
            state.task?.cancel()
        }
    }

    /// Fetches what of a model is not here, or not whole. Blocks the calling thread; one at a time.
    ///
    /// - Parameter again: also what is here and whole.
    public func pull(_ model: PublishedModel, again: Bool = false) throws {
        for file in model.files {
            if !again, let path = store.path(of: file), (try? file.check(path)) != nil {
                report(.present(path: path))
                continue
            }
            let target = store.folders[0] + "/" + file.name
            let partial = try PartialFile(for: target)
            defer { partial.release() }
            let download = Download(
                file: file, source: source, partial: partial, options: options, environment: environment, report: report
            )
            do {
                try wait(for: download.run)
            } catch {
                let kept = partial.kept
                if !partial.isUseful { partial.discard() }
                throw isCancelled ? ModelError(.cancelled, "stopped\(kept)") : error
            }
            do {
                try file.check(partial.path)
            } catch {
                partial.discard()
                throw error
            }
            try partial.commit()
            report(.placed(path: target))
        }
    }

    private var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Runs `body` to its end on Swift's own threads.
    private func wait(for body: @escaping @Sendable () async throws -> Void) throws {
        let failure = Locked<(any Error)?>(nil)
        let ended = DispatchSemaphore(value: 0)
        state.withLock { state in
            state.task = Task.detached {
                do { try await body() } catch { failure.withLock { $0 = error } }
                ended.signal()
            }
            if state.isCancelled { state.task?.cancel() }
        }
        ended.wait()
        if let error = failure.withLock({ $0 }) {
            throw error
        }
    }
}
