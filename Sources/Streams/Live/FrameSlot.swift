import Darknet
import Detection
import Media
import Pipeline

/// A decoded frame of a live stream, with what belongs to it on its way.
struct LiveFrame: Sendable {
    let frame: Frame
    /// Counts the stream's decoded frames from 0, through all its connections.
    let index: Int
    let captured: CaptureClock.Time
    /// When its packet came, by the clock that nobody sets.
    let arrival: ContinuousClock.Instant
}

/// What the network said of a frame.
struct AnalysedFrame: Sendable {
    let live: LiveFrame
    /// Of the network's input.
    let shape: InputShape
    let detections: Result<[Detection], any Error>
}

/// What a stream's output writes, in this order.
enum StreamItem: Sendable {
    case up(StreamUp)
    case frame(AnalysedFrame)
    case gap(Gap)
    case down(StreamDown)
    case size(SizeReport)
    /// A connection has ended: what was found in its last pictures no longer holds.
    case disconnected
}

/// A stream's place before the network: one frame waits, and a newer one takes its place. This is where live streams
/// lose frames on purpose.
///
/// `@unchecked Sendable`: the variables belong to the engine, which reads and writes them with its lock held.
final class FrameSlot: @unchecked Sendable {
    let network: LoadedNetwork
    let sizes: [InputSize]
    let resize: ResizeMode
    let options: DetectionOptions
    /// To the stream's output, in the order of the stream.
    let results = OrderedQueue<StreamItem>(capacity: 64, producers: 1)

    private(set) var waiting: LiveFrame?
    /// Of the next item of `results`.
    private(set) var position = 0
    /// Frames in the network.
    private(set) var computing = 0
    /// Other items whose place is taken and that are on their way to it.
    private var arriving = 0
    /// Frames in the network or in `results`.
    private(set) var unwritten = 0
    /// What else is in `results`.
    private(set) var posts = 0
    private(set) var isClosed = false
    /// The network's inputs for pictures of the newest one's aspect, by rising area; none before the first.
    private(set) var shapes: [InputShape] = []
    private var aspect = 0.0

    /// - Parameter sizes: of the network's input, one at least.
    init(network: LoadedNetwork, sizes: [InputSize], resize: ResizeMode, options: DetectionOptions) {
        precondition(!sizes.isEmpty, "a stream is analysed at some size")
        self.network = network
        self.sizes = sizes
        self.resize = resize
        self.options = options
    }

    // MARK: With the engine's lock held

    /// Has `shapes` be those for this picture.
    func adapt(to frame: Frame) {
        let aspect = Double(frame.width) * frame.pixelAspect / Double(max(1, frame.height))
        guard shapes.isEmpty || aspect != self.aspect else { return }
        self.aspect = aspect
        // Sizes may come to the same for some aspect.
        let distinct = Set(sizes.map { $0.shape(of: network.config.net, aspect: aspect) })
        shapes = distinct.sorted { left, right in (left.area, left.width) < (right.area, right.width) }
    }

    /// - Returns: the frame that waited, whose place the new one takes.
    func replace(_ frame: LiveFrame?) -> LiveFrame? {
        defer { waiting = frame }
        return waiting
    }

    /// The frame that waits, and its place in the order of results.
    func take() -> (frame: LiveFrame, position: Int)? {
        guard let frame = waiting else { return nil }
        waiting = nil
        computing += 1
        unwritten += 1
        return (frame, nextPosition())
    }

    /// The place of something that is no frame.
    func post() -> Int {
        posts += 1
        arriving += 1
        return nextPosition()
    }

    private func nextPosition() -> Int {
        defer { position += 1 }
        return position
    }

    /// A frame is in `results`.
    func computed() {
        computing -= 1
        finishIfComplete()
    }

    /// Something that is no frame is in `results`.
    func arrived() {
        arriving -= 1
        finishIfComplete()
    }

    func written(_ item: StreamItem) {
        if case .frame = item { unwritten -= 1 } else { posts -= 1 }
    }

    /// Nothing more takes a place in `results`: they finish as soon as each place that was taken is filled.
    func close() {
        isClosed = true
        finishIfComplete()
    }

    /// A place that were still empty then would end the stream's output before what comes after it.
    private func finishIfComplete() {
        if isComplete { results.finish() }
    }

    var isComplete: Bool { isClosed && computing == 0 && arriving == 0 }
}
