import ArgumentParser
import Darknet
import Detection
import Foundation
import Media
import Neural
import Streams

/// `lookout model quantize`: what int8 needs to know of a network.
struct ModelQuantize: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize", abstract: "Make the file that --precision int8 needs, from typical pictures.",
        discussion: """
            A hundred pictures or a minute of video of what the network is to look at are enough; of videos a frame a \
            second is taken. Never those that the network is to be judged by.

              lookout model quantize day.mp4 night.mp4 --weights yolov2-tiny.weights
              lookout process gate.mp4 --weights yolov2-tiny.weights --precision int8

            Says at the end how int8's answers differ from fp32's on some of the pictures.
            """)

    @Argument(help: ArgumentHelp("Pictures, clips, patterns of pictures; - is stdin.", valueName: "input"))
    var inputs: [String]

    @Option(
        help: ArgumentHelp("The file to write. Default: the weights' name, ending in .int8.", valueName: "file"))
    var output: String?

    @Option(help: ArgumentHelp("Pictures to stop after.", valueName: "n"))
    var limit = 500

    @Flag(help: "Prints one JSON object on stdout.")
    var json = false

    @OptionGroup(title: "Model options")
    var model: ModelOptions

    func validate() throws {
        guard limit >= 1 else { throw ValidationError("--limit is \(limit); it must be at least 1") }
        if model.precision != .fp32 || model.calibration != nil {
            throw ValidationError("quantize starts from fp32; leave --precision and --calibration out")
        }
    }

    func run() throws {
        let signals = SignalHandler()
        let network = try model.load()
        guard let weights = model.weights else { return }
        if model.inputSize.dependsOnSource {
            throw UsageError("--size: the ranges hold for all sizes, but one must be chosen, such as 416x256")
        }
        let shape = model.inputSize.shape(of: network.config.net, aspect: 1)
        let inputs = inputs.flatMap(FileNames.expanded)
        let file = try OutputFile(output ?? NetworkFiles.calibration(beside: weights))
        try checkOutputs([file], inputs: inputs + model.fileNames + [network.config.file])
        let quantizer = try Quantizer(
            model.files, width: shape.width, height: shape.height, resize: model.resize, threads: model.threadCount)
        for input in inputs where quantizer.imageCount < limit && !signals.stop.isRequested {
            try add(input, to: quantizer, stop: signals.stop)
        }
        if signals.signalNumber != 0 { throw Stopped(exitCode: 128 + signals.signalNumber) }
        let table = try quantizer.table()
        try table.write(to: file.path)
        try report(try quantizer.comparison(table), images: quantizer.imageCount, file: file.path)
    }

    private func add(_ input: String, to quantizer: Quantizer, stop: StopSignal) throws {
        let interrupt = Interrupt()
        stop.attach(interrupt)
        let source = try VideoSource(input, interrupt: interrupt)
        var next = -Double.infinity
        while quantizer.imageCount < limit, !stop.isRequested, let item = try source.next() {
            guard case .frame(let frame) = item else { continue }
            guard frame.seconds >= next else { continue }
            next = frame.seconds + 1
            try quantizer.add(frame)
        }
    }

    private func report(_ comparison: QuantizationComparison, images: Int, file: String) throws {
        if json {
            let object: [String: Any] = [
                "file": file, "images": images,
                "comparison": [
                    "images": comparison.imageCount, "snr_db": comparison.signalToNoise,
                    "detections": [
                        "fp32": comparison.exactCount, "int8": comparison.coarseCount,
                        "matched": comparison.matchedCount,
                    ], "mean_confidence_difference": Double(comparison.meanConfidenceDifference),
                ] as [String: Any],
            ]
            let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
            return try printResult(String(decoding: data, as: UTF8.self) + "\n")
        }
        var text = "\(file): from \(images) picture\(images == 1 ? "" : "s")\n"
        text += String(
            format: "int8 against fp32 on %d of them: raw outputs %.1f dB", comparison.imageCount,
            comparison.signalToNoise)
        if comparison.exactCount + comparison.coarseCount > 0 {
            text += String(
                format: "; detections %d and %d, %d the same, confidences %.3f apart", comparison.coarseCount,
                comparison.exactCount, comparison.matchedCount, comparison.meanConfidenceDifference)
        }
        try printResult(text + "\n")
    }
}
