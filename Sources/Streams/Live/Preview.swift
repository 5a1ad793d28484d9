import Glibc
import Media
import Pipeline
import Synchronization

/// A stream's pictures for viewers: the newest one, coded only while somebody looks.
public final class Preview: Sendable {
    private struct State {
        var viewers: [Int: Viewer] = [:]
        var nextViewer = 0
        /// A picture is with the coding thread; until it is done others are passed over.
        var isCoding = false
        var pace = PicturePace()
    }

    private typealias Viewer = AsyncThrowingStream<[UInt8], any Error>.Continuation

    private let state = Locked(State())
    private let hasViewers = Atomic(false)
    /// Only the coding thread uses it.
    private let painter: Locked<Painter>

    /// - Parameter names: of all classes.
    public init(names: [String]) { painter = Locked(Painter(names: names)) }

    /// The stream is no more.
    deinit {
        for viewer in state.withLock({ Array($0.viewers.values) }) { viewer.finish() }
    }

    /// Whether anybody looks: else `offer` need not be called.
    public var isWanted: Bool { hasViewers.load(ordering: .relaxed) }

    /// Takes a picture if the viewers are due one; returns at once.
    public func offer(_ frame: Frame, _ detections: [NamedDetection]) {
        guard isWanted, claim() else { return }
        do {
            try CodingThread.shared.value().run { [self] in
                send(Result { try painter.withLock { try $0.paint(frame, detections) } })
            }
        } catch {
            send(.failure(error))
        }
    }

    /// A viewer: gets the newest picture, as JPEG at most 640 pixels wide and high, each time it asks. Ends with an
    /// error when pictures cannot be made. Viewers are counted until they drop the stream.
    public func pictures() -> AsyncThrowingStream<[UInt8], any Error> {
        let (pictures, viewer) = AsyncThrowingStream.makeStream(
            of: [UInt8].self, bufferingPolicy: .bufferingNewest(1))
        let key = state.withLock { state in
            state.nextViewer += 1
            state.viewers[state.nextViewer] = viewer
            hasViewers.store(true, ordering: .relaxed)
            return state.nextViewer
        }
        viewer.onTermination = { [weak self] _ in self?.leave(key) }
        return pictures
    }

    /// The next picture; `nil`: none came in time.
    public func snapshot(within limit: Duration) async throws -> [UInt8]? {
        let pictures = pictures()
        return try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
            group.addTask { try await pictures.first { _ in true } }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    /// Viewers at this moment.
    var viewerCount: Int { state.withLock { $0.viewers.count } }

    /// Whether a picture is due, which then is the caller's to make.
    private func claim() -> Bool {
        state.withLock { state in
            guard !state.isCoding, state.pace.take(at: .now) else { return false }
            state.isCoding = true
            return true
        }
    }

    private func send(_ picture: Result<[UInt8], any Error>) {
        let viewers = state.withLock { state in
            state.isCoding = false
            return Array(state.viewers.values)
        }
        for viewer in viewers {
            switch picture {
            case .success(let bytes): viewer.yield(bytes)
            case .failure(let error): viewer.finish(throwing: error)
            }
        }
    }

    private func leave(_ key: Int) {
        state.withLock { state in
            state.viewers[key] = nil
            hasViewers.store(!state.viewers.isEmpty, ordering: .relaxed)
        }
    }
}

/// At most 8 pictures a second.
struct PicturePace {
    private static let interval = Duration.milliseconds(125)
    private var due: ContinuousClock.Instant?

    /// Whether the frame of this moment is to be shown; counted if so.
    mutating func take(at now: ContinuousClock.Instant) -> Bool {
        let due = due ?? now
        guard now >= due else { return false }
        // From when it was due, so that the frames' own rhythm does not lower the rate; after a pause, from now.
        self.due = max(due, now - Self.interval) + Self.interval
        return true
    }
}

/// Draws what was found into a small copy of a frame and codes it.
private final class Painter {
    private let overlay: Overlay
    private let writer = ThumbnailWriter(maxSide: 640)

    init(names: [String]) { overlay = Overlay(names: names) }

    func paint(_ frame: Frame, _ detections: [NamedDetection]) throws -> [UInt8] {
        let canvas = try writer.canvas(for: frame)
        overlay.draw(detections, into: canvas, at: writer.placement(in: canvas))
        return try writer.encode(canvas)
    }
}

/// Codes the pictures of all streams, one after another and below the analysis in priority: viewers, however many, cost
/// it little. Started when the first picture is wanted; without work it only waits.
private final class CodingThread: Sendable {
    static let shared = Once { try CodingThread() }

    /// A stream has one picture here at most, so that `run` does not wait.
    private let work = BoundedQueue<@Sendable () -> Void>(capacity: 1024)

    private init() throws(ThreadError) {
        _ = try StageThread("preview") { [work] in
            yieldToOthers()
            while let step = work.pop() { step() }
        }
    }

    func run(_ step: @escaping @Sendable () -> Void) { _ = work.push(step) }
}

/// A value that is made when it is first wanted. A failure is not kept: who wants the value next tries again.
final class Once<Value: Sendable>: Sendable {
    private let make: @Sendable () throws -> Value
    private let made = Locked<Value?>(nil)

    init(_ make: @escaping @Sendable () throws -> Value) { self.make = make }

    func value() throws -> Value {
        try made.withLock { made in
            if let made { return made }
            let value = try make()
            made = value
            return value
        }
    }
}

/// Lowers the calling thread's priority; where the system does not let it, pictures are coded all the same.
private func yieldToOthers() {
    _ = setpriority(numericCast(PRIO_PROCESS.rawValue), 0, 10)
}
