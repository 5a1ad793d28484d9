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
    /// Of the network's input.
    let shape: InputShape
}

/// What the network said of a frame.
struct AnalysedFrame: Sendable {
    let live: LiveFrame
    let detections: Result<[Detection], any Error>
}

/// What a stream's output writes, in this order.
enum StreamItem: Sendable {
    case up(StreamUp)
    case frame(AnalysedFrame)
    case gap(Gap)
    case down(StreamDown)
}

/// A stream's place before the network: one frame waits, and a newer one takes its place. This is where live streams
/// lose frames on purpose.
///
/// `@unchecked Sendable`: the variables belong to the engine, which reads and writes them with its lock held.
final class FrameSlot: @unchecked Sendable {
    let network: LoadedNetwork
    let size: InputSize
    let resize: ResizeMode
    let options: DetectionOptions
    /// To the stream's output, in the order of the stream.
    let results = OrderedQueue<StreamItem>(capacity: 64, producers: 1)

    private(set) var waiting: LiveFrame?
    /// Of the next item of `results`.
    private(set) var position = 0
    /// Frames in the network.
    private(set) var computing = 0
    /// Frames in the network or in `results`.
    private(set) var unwritten = 0
    /// What else is in `results`.
    private(set) var posts = 0
    private(set) var isClosed = false

    init(network: LoadedNetwork, size: InputSize, resize: ResizeMode, options: DetectionOptions) {
        self.network = network
        self.size = size
        self.resize = resize
        self.options = options
    }

    /// The network's input for this picture.
    func shape(for frame: Frame) -> InputShape {
        let aspect = Double(frame.width) * frame.pixelAspect / Double(max(1, frame.height))
        return size.shape(of: network.config.net, aspect: aspect)
    }

    // MARK: With the engine's lock held

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
        return nextPosition()
    }

    private func nextPosition() -> Int {
        defer { position += 1 }
        return position
    }

    func computed() { computing -= 1 }
    func written(_ item: StreamItem) {
        if case .frame = item { unwritten -= 1 } else { posts -= 1 }
    }
    func close() { isClosed = true }
}
