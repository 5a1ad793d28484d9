import Darknet
public import DataSets
public import Detection
import Media

/// How often a classifier's first answer is right, and one of its first five (spec 6).
public struct ClassifierSummary: Sendable {
    public struct Class: Sendable {
        public var name: String
        public var pictures = 0
        var firsts = 0
        var fives = 0

        /// Percent; NaN without pictures.
        public var top1: Double { 100 * Double(firsts) / Double(pictures) }
        public var top5: Double { 100 * Double(fives) / Double(pictures) }
    }

    public private(set) var classes: [Class]
    public private(set) var all = Class(name: "all")

    init(names: [String]) { classes = names.map { Class(name: $0) } }

    mutating func add(label: Int, answers: [Int]) {
        let (isFirst, isAmongFive) = (answers.first == label, answers.prefix(5).contains(label))
        func count(_ figures: inout Class) {
            figures.pictures += 1
            if isFirst { figures.firsts += 1 }
            if isAmongFive { figures.fives += 1 }
        }
        count(&all)
        count(&classes[label])
    }
}

/// Runs a classifier over a data set: of each picture the middle square, resized as Darknet's `valid` does. One thread
/// at a time; decoding has threads of its own.
public final class ClassifierEvaluator {
    private let classifier: Classifier

    public init(_ network: LoadedNetwork, width: Int, height: Int, threads: Int) throws {
        classifier = try Classifier(network, width: width, height: height, threads: threads)
    }

    /// - Parameters: see `Evaluator.run`.
    public func run(
        on samples: [Sample], onProblem: (any Error) throws -> Void = { throw $0 }, stop: () -> Bool = { false },
        progress: (Int) -> Void = { _ in }
    ) throws -> ClassifierSummary {
        let names = classifier.network.names.names
        let layout = classifier.makeInput().layout
        var summary = ClassifierSummary(names: names)
        for sample in samples {
            guard case .label(let label) = sample.content, names.indices.contains(label) else {
                throw DetectionError(
                    "\(sample.image): has no label among the \(names.count) classes of \(classifier.network.config.name), "
                        + "a classifier")
            }
        }
        try PictureFeed.forEach(
            samples,
            prepare: { frame in
                let input = InputImage(layout)
                ReferenceResampler.prepare(try RGBImage(frame).middleSquare, into: input, mode: .stretch)
                return input
            }, onProblem: onProblem, stop: stop, progress: progress,
            body: { sample, input in
                guard case .label(let label) = sample.content else { return }
                summary.add(label: label, answers: try classifier.classify(input, top: 5).map(\.classID))
            })
        return summary
    }
}

extension RGBImage {
    /// As long as the shorter side.
    var middleSquare: RGBImage {
        let side = min(width, height)
        let (left, top) = ((width - side) / 2, (height - side) / 2)
        var square: [Float] = []
        square.reserveCapacity(3 * side * side)
        for channel in 0..<3 {
            for row in top..<top + side {
                let start = (channel * height + row) * width + left
                square += values[start..<start + side]
            }
        }
        return RGBImage(width: side, height: side, values: square)
    }
}
