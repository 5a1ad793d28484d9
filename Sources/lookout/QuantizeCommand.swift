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
            second is taken. Of more than --limit, videos give their first ones, and pictures evenly spread ones. Never
            those that the network is to be judged by.

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
        if output == "-" { throw ValidationError("--output - would be stdout; name a file") }
        if model.precision != .fp32 || model.calibration != nil {
            throw ValidationError("quantize starts from fp32; leave --precision and --calibration out")
        }
    }

    func run() throws {
        let signals = SignalHandler()
        let model = try model.resolved()
        guard let weights = model.weights else {
            throw UsageError(
                "no weights: give --model NAME, or --weights FILE, and --cfg FILE unless the cfg stands beside them")
        }
        if model.inputSize.dependsOnSource {
            throw UsageError("--size: the ranges hold for all sizes, but one must be chosen, such as 416x256")
        }
        let config = try model.files.loadConfig()
        let shape = model.inputSize.shape(of: config.net, aspect: 1)
        let inputs = inputs.flatMap(FileNames.expanded)
        if output == nil && BuiltInFile.isNamed(by: weights) {
            throw UsageError("nothing can be written beside a built-in model: name a file with --output")
        }
        let file = try OutputFile(output ?? NetworkFiles.calibration(beside: weights))
        try checkOutputs([file], inputs: inputs + model.fileNames + [config.file])
        let quantizer = try Quantizer(
            model.files, width: shape.width, height: shape.height, resize: model.resize, threads: model.threadCount)
        let code = try look(at: inputs, quantizer, stop: signals.stop)
        if code != 0 && quantizer.imageCount == 0 { throw Stopped(exitCode: code) }
        let table = try signals.stop.isRequested ? nil : quantizer.table()
        let comparison = try table.map { try quantizer.comparison($0) { signals.stop.isRequested } }
        if signals.signalNumber != 0 { throw Stopped(exitCode: 128 + signals.signalNumber) }
        guard let table, let comparison else { return }
        try table.write(to: file.path)
        try report(comparison, images: quantizer.imageCount, file: file.path)
        if quantizer.imageCount < Self.fewImages {
            Diagnostics.warning(
                "from \(quantizer.imageCount) pictures only; \(Self.fewImages) or more, of all that is to be seen, are better"
            )
        }
        if code != 0 { throw Stopped(exitCode: code) }
    }

    private static let fewImages = 20

    /// Videos first, as what they leave of their part of the limit goes to the pictures, each of which takes one.
    ///
    /// - Returns: the exit code: that of the first that could not be read. The others are looked at all the same.
    private func look(at inputs: [String], _ quantizer: Quantizer, stop: StopSignal) throws -> Int32 {
        let pictures = inputs.filter(FileNames.isPicture)
        let videos = inputs.filter { !FileNames.isPicture($0) }
        let code = try look(at: videos, most: part(ofVideos: videos.count, beside: pictures.count), quantizer, stop)
        let rest = limit - quantizer.imageCount
        if pictures.count > rest && !stop.isRequested {
            Diagnostics.note(
                "lookout: took \(rest) of \(pictures.count) pictures, evenly spread; a larger --limit takes more")
        }
        let codeOfPictures = try look(at: pictures, most: rest, quantizer, stop)
        return code == 0 ? codeOfPictures : code
    }

    /// Of the limit. Where there are more pictures than that leaves, a video counts for a minute's frames.
    private func part(ofVideos videos: Int, beside pictures: Int) -> Int {
        let frames = videos * 60
        if pictures <= limit - min(limit, frames) { return limit - pictures }
        return max(limit - pictures, limit * frames / (pictures + frames))
    }

    /// Each has its share of `most`; what it leaves goes to those behind it. Of more inputs than that, evenly spread ones.
    private func look(at inputs: [String], most: Int, _ quantizer: Quantizer, _ stop: StopSignal) throws -> Int32 {
        var code: Int32 = 0
        let end = quantizer.imageCount + most
        let chosen = inputs.count <= most ? inputs : (0..<most).map { inputs[$0 * inputs.count / most] }
        for (index, input) in chosen.enumerated() where !stop.isRequested {
            let share = (end - quantizer.imageCount) / (chosen.count - index)
            let before = quantizer.imageCount
            var isCutOff = false
            do {
                isCutOff = try add(input, to: quantizer, most: share, stop: stop)
            } catch let error as MediaError where error.kind != .interrupted {
                Diagnostics.error("\(error)")
                if code == 0 { code = sysexit(for: error) ?? EX_SOFTWARE }
                continue
            }
            let count = quantizer.imageCount - before
            if count == 0 && !stop.isRequested { Diagnostics.warning("\(input): holds no pictures") }
            if isCutOff {
                Diagnostics.note("lookout: \(input): took the first \(count); a larger --limit takes more")
            }
        }
        return code
    }

    /// A frame a second of videos, every one of pictures.
    ///
    /// - Returns: whether there would have been more.
    private func add(_ input: String, to quantizer: Quantizer, most: Int, stop: StopSignal) throws -> Bool {
        let interrupt = Interrupt()
        stop.attach(interrupt)
        let source = try VideoSource(input, interrupt: interrupt)
        let pause = input.contains { "%*?".contains($0) } ? 0.0 : 1.0
        var (count, next) = (0, -Double.infinity)
        while !stop.isRequested, let item = try source.next() {
            guard case .frame(let frame) = item else { continue }
            // A time that goes back begins anew.
            guard frame.seconds >= next || frame.seconds < next - 2 * pause else { continue }
            if count == most { return true }
            next = frame.seconds + pause
            try quantizer.add(frame)
            count += 1
        }
        return false
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
                format: "; detections: fp32 %d, int8 %d, in both %d, confidences %.3f apart", comparison.exactCount,
                comparison.coarseCount, comparison.matchedCount, comparison.meanConfidenceDifference)
        }
        try printResult(text + "\n")
    }
}
