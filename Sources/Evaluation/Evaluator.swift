public import DataSets
public import Detection
import Media
import Neural
import Pipeline

/// Runs a detector over a data set. One thread at a time; decoding has threads of its own.
public final class Evaluator {
    private let detector: Detector
    private let resize: ResizeMode
    private var times: [Double] = []

    /// What the network and the reading of its answers take for a picture, without decoding: the median of the last run,
    /// for others may want the cores too. NaN before the first picture.
    public var networkSeconds: Double { times.isEmpty ? .nan : times.sorted()[times.count / 2] }

    /// - Parameters:
    ///   - width, height: of the network's input, multiples of 32.
    ///   - threshold, nms: of Darknet's `valid`: so low that whole curves of precision and recall come out.
    public init(
        _ network: LoadedNetwork, width: Int, height: Int, resize: ResizeMode, threads: Int, threshold: Float = 0.005,
        nms: Float = 0.45, nmsKind: NonMaximumSuppression = .perClass
    ) throws {
        self.resize = resize
        detector = try Detector(
            network, width: width, height: height, threads: threads,
            options: DetectionOptions(threshold: threshold, nmsThreshold: nms, nms: nmsKind))
    }

    /// What the network answers to the pictures, in their order.
    ///
    /// - Parameters:
    ///   - onProblem: called with what a picture could not be decoded for, which names it. Throws to end the run;
    ///     returns to leave the picture out.
    ///   - stop: asked before each picture; then the results are those until then.
    ///   - progress: told how many pictures are done.
    public func run(
        on samples: [Sample], onProblem: (any Error) throws -> Void = { throw $0 }, stop: () -> Bool = { false },
        progress: (Int) -> Void = { _ in }
    ) throws -> [PictureResult] {
        if let sample = samples.first(where: { if case .label = $0.content { true } else { false } }) {
            throw DetectionError("\(sample.image): is labelled as a whole, without boxes that a detector is judged by")
        }
        let (layout, resize) = (detector.makeInput().layout, resize)
        times = []
        var results: [PictureResult] = []
        try PictureFeed.forEach(
            samples,
            prepare: { frame in
                let input = InputImage(layout)
                if layout.element == .planarFloats {
                    ReferenceResampler.prepare(try RGBImage(frame), into: input, mode: resize)
                } else {
                    try Preprocessor(mode: resize).prepare(frame, into: input)
                }
                return ReadyPicture(input: input, width: frame.width, height: frame.height)
            }, onProblem: onProblem, stop: stop, progress: progress,
            body: { sample, picture in
                let begin = MonotonicTime.now
                let boxes = try detector.detect(picture.input).map(ScoredBox.init)
                times.append(MonotonicTime.now - begin)
                results.append(
                    PictureResult(sample: sample, width: picture.width, height: picture.height, boxes: boxes))
            })
        return results
    }
}

/// A picture as the network takes it.
private struct ReadyPicture: Sendable {
    var input: InputImage
    /// Of the picture, in pixels.
    var width: Int
    var height: Int
}

extension ScoredBox {
    init(_ detection: Detection) {
        let box = detection.box
        self.init(
            classID: detection.classID, score: Double(detection.confidence),
            box: TruthBox(
                x: Double(box.x), y: Double(box.y), width: Double(box.width), height: Double(box.height)))
    }
}
