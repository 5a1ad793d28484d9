import ArgumentParser
import Detection
import Foundation
import Models
import Neural
import Streams
import Training

/// `lookout train`: a network learns from pictures.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train a detector or a classifier, from scratch or from weights.",
        discussion: """
            DATA is a Darknet .data file (train, valid, names, backup), a list of pictures with labels, a COCO .json or a \
            VOC folder. CFG decides what is trained and how; WEIGHTS is what it starts from: whole weights, the first \
            layers of others (lookout model partial), or those of a network with other classes, whose last layer then \
            starts anew.

              lookout anchors voc.data                                   # for the cfg's anchors
              lookout train voc.data yolov2-voc.cfg --show-batch batch.png
              lookout train voc.data yolov2-voc.cfg darknet19_448.conv.23
              lookout train voc.data yolov2-voc.cfg --resume

            Into the output folder go, by the cfg's name: NAME.backup, the weights of the last checkpoint; NAME_best.weights, \
            those of the best validation (AP50, or top 1); NAME_100.weights ... 900, 10000 ...; NAME_final.weights; \
            NAME.state, what --resume goes on from, bit for bit on the same machine with the same options; \
            NAME.loss.svg and NAME.accuracy.svg, curves that are drawn anew as it goes; and the log NAME.train.jsonl.

            Ctrl-C and SIGTERM finish the iteration, write a checkpoint and end with 130 or 143; once more ends at once.

            The log has one JSON object a line, which is appended. All have type, iteration (updates of the weights so far) \
            and time (seconds since 1970). Types and their further keys:
              start       network, width, height, batch, subdivisions, max_batches, images, seed, seen. Earlier records of \
            later iterations no longer hold: that run was ended after its last checkpoint.
              iteration   loss (Darknet's, a picture), average_loss (.9 old + .1 new), objective and its parts box, \
            objectness, no_objectness, classes (a picture), iou and recall of the truths, or top1; learning_rate, seen, \
            seconds (of training so far), images_per_second, seconds_left. Of training for more than 20,000 iterations \
            every tenth, with the means of the ten.
              validation  ap, ap50, voc07, or accuracy, accuracy5, in percent; is_best
              checkpoint  file
              size        width, height: the network's input from here on
              warning     message
              end         message: done, stopped (by a signal), diverged, or failed (a warning before it says why)
            """)

    @Argument(help: ArgumentHelp("What to learn from.", valueName: "data"))
    var data: String

    @Argument(help: ArgumentHelp("Network: a Darknet cfg file, or a built-in name.", valueName: "cfg"))
    var cfg: String

    @Argument(help: ArgumentHelp("Weights to start from. Default: random ones.", valueName: "weights"))
    var weights: String?

    @Option(help: ArgumentHelp("Starts from the weights of this model: lookout model list.", valueName: "name"))
    var model: String?

    @Option(
        help: ArgumentHelp(
            "Folder for what is made. Default: the data file's backup, else backup.", valueName: "folder"))
    var output: String?

    @Flag(help: "Goes on from the last checkpoint in the output folder.")
    var resume = false

    @Flag(
        help:
            "Begins anew although the output folder has a checkpoint of this network: what that training made is removed, but for the log."
    )
    var restart = false

    @Flag(help: "Starts as if the weights had seen no pictures: learning rate and first phase begin anew.")
    var clear = false

    @Option(help: ArgumentHelp("Of all that is random. Default: 1.", valueName: "n"))
    var seed: UInt64?

    @Option(help: ArgumentHelp("Cores to use. Default: those this process may use.", valueName: "n"))
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "Arithmetic: bf16 takes half the memory, and half the time on CPUs that have it; auto is bf16 there.",
            valueName: "fp32|bf16|auto"))
    var precision: TrainPrecision = .auto

    @Option(help: ArgumentHelp("Pictures for each update of the weights. Default: the cfg's.", valueName: "n"))
    var batch: Int?

    @Option(help: ArgumentHelp("Parts that a batch is run in: more take less memory.", valueName: "n"))
    var subdivisions: Int?

    @Option(help: ArgumentHelp("Iterations in all.", valueName: "n"))
    var maxBatches: Int?

    @Option(help: ArgumentHelp("Learning rate before the cfg's policy.", valueName: "rate"))
    var learningRate: Float?

    @Option(
        help: ArgumentHelp("Network input: multiples of 32 such as 416x256. Default: the cfg's.", valueName: "WxH"))
    var size: String?

    @Option(
        help: ArgumentHelp(
            "Several input sizes that take turns: 320..608, or a list. Default: those of random=1 in the cfg.",
            valueName: "sizes"), transform: EvalSizes.init(argument:))
    var sizes: EvalSizes?

    @Option(
        help: ArgumentHelp(
            "How pictures are placed: head fits them in with the aspect jittered, 2016 takes random parts. Default: the "
                + "profile's.",
            valueName: "head|2016"))
    var placement: TrainPlacement?

    @Option(
        help: ArgumentHelp(
            "Whose rules where they differ: paper, Darknet as it is with the paper's rule for the objectness of pictures "
                + "that have only a label; head, that of Darknet's last state; 2016, Darknet of November 2016: boxes weigh "
                + "the same whatever their size, burn_in is for policy poly only, labels alone leave objectness as it is, "
                + "placement 2016.",
            valueName: "paper|head|2016"))
    var profile: TrainProfile = .paper

    @Flag(help: "Shows the pictures as they are: to see whether a network can learn them by heart.")
    var noAugment = false

    @Option(help: ArgumentHelp("The part of the pictures made of four each.", valueName: "0...1"))
    var mosaic = 0.0

    @Option(
        help: ArgumentHelp(
            "The part of the pictures that get objects of others, cut out along their outlines. These are files "
                + "\"class x1 y1 x2 y2 ...\" in a folder outlines beside labels, a polygon a line, relative to the picture.",
            valueName: "0...1"))
    var copyPaste = 0.0

    @Option(
        help: ArgumentHelp(
            "With placement head: pictures are shown up to so many times larger or smaller. Default: 1, as large as fits.",
            valueName: "factor"))
    var zoom = 1.0

    @Option(
        help: ArgumentHelp(
            "How pictures are drawn: uniform, any every time, or shuffled, all in each epoch.",
            valueName: "uniform|shuffled"))
    var order: DrawOrder = .uniform

    @Option(
        help: ArgumentHelp(
            "Joint training: the part of the samples that have boxes, such as 0.8. Default: as the lists have it.",
            valueName: "0...1"))
    var detectionShare: Double?

    @Flag(help: "The plain squared-error loss of the introductory articles.")
    var articlesLoss = false

    @Option(help: ArgumentHelp("Word tree, instead of the one the cfg or the data names.", valueName: "file"))
    var tree: String?

    @Option(help: ArgumentHelp("Map of the data's classes to nodes of the tree.", valueName: "file"))
    var map: String?

    @Option(
        help: ArgumentHelp(
            "Iterations between validations on the data's valid; 0: none. Default: four epochs, at least 100.",
            valueName: "n"))
    var validateEvery: Int?

    @Option(help: ArgumentHelp("Iterations between checkpoints.", valueName: "n"))
    var checkpointEvery = 100

    @Option(help: ArgumentHelp("A picture that cannot be decoded: end, or take another.", valueName: "stop|skip"))
    var badImages: BadPictureRule = .stop

    @Option(
        help: ArgumentHelp("Writes a batch as a picture, PNG or JPEG by name, and trains nothing.", valueName: "file"))
    var showBatch: String?

    @Flag(help: "Prints a summary as one JSON object on stdout.")
    var json = false

    @Flag(help: "No progress on stderr.")
    var quiet = false

    func validate() throws {
        if model != nil && weights != nil {
            throw ValidationError("--model and WEIGHTS both say what to start from; keep one of them")
        }
        let startsFromWeights = weights != nil || model != nil
        if resume && (startsFromWeights || clear || restart) {
            throw ValidationError(
                "--resume goes on from its own weights; leave WEIGHTS, --model, --clear and --restart out")
        }
        if clear && !startsFromWeights {
            throw ValidationError("--clear is about WEIGHTS: name them, or leave it out")
        }
        for (name, value, least) in [
            ("--batch", batch, 1), ("--subdivisions", subdivisions, 1), ("--max-batches", maxBatches, 1),
            ("--validate-every", validateEvery, 0), ("--checkpoint-every", checkpointEvery, 1),
        ] {
            if let value, value < least { throw ValidationError("\(name) is \(value); it must be at least \(least)") }
        }
        if let threads, !Session.threadRange.contains(threads) {
            throw ValidationError("--threads is \(threads); it must be 1 to \(Session.threadRange.upperBound)")
        }
        if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
            throw ValidationError("--learning-rate is \(learningRate); it must be above 0")
        }
        guard (0...1).contains(mosaic) else { throw ValidationError("--mosaic is \(mosaic); it must be 0 to 1") }
        guard (0...1).contains(copyPaste) else {
            throw ValidationError("--copy-paste is \(copyPaste); it must be 0 to 1")
        }
        guard (1...10).contains(zoom) else { throw ValidationError("--zoom is \(zoom); it must be 1 to 10") }
        if let detectionShare, !(0...1).contains(detectionShare) {
            throw ValidationError("--detection-share is \(detectionShare); it must be 0 to 1")
        }
        if noAugment && (mosaic > 0 || copyPaste > 0 || zoom > 1 || placement != nil) {
            throw ValidationError("--no-augment excludes --mosaic, --copy-paste, --zoom and --placement")
        }
        if zoom > 1 && (placement ?? profile.placement) == .of2016 {
            throw ValidationError("--zoom is for placement head; that of 2016 takes its scales from the cfg's jitter")
        }
        if articlesLoss && profile != .paper {
            throw ValidationError("--articles-loss is a profile of its own; leave --profile out")
        }
        if showBatch == "-" { throw ValidationError("--show-batch - would be stdout; name a file") }
    }

    func run() throws {
        let signals = SignalHandler()
        var command = self
        if let model { command.weights = try ModelStore().files(named: model).weights }
        let job = try TrainJob(command)
        if let showBatch { return try job.showBatch(showBatch) }
        let isDone = try job.train { signals.stop.isRequested }
        if !isDone && signals.signalNumber != 0 { throw Stopped(exitCode: 128 + signals.signalNumber) }
    }
}

/// What is computed with.
enum TrainPrecision: String, ExpressibleByArgument, CaseIterable {
    case fp32, bf16, auto

    var precision: TrainingPrecision {
        get throws {
            switch self {
            case .fp32: return .fp32
            case .auto: return .fastest
            case .bf16:
                guard TrainingPrecision.bf16.isAvailable else {
                    throw UsageError(
                        "--precision bf16: this CPU has no such instructions and would be slower; use fp32")
                }
                return .bf16
            }
        }
    }
}

extension DrawOrder: ExpressibleByArgument {}
extension BadPictureRule: ExpressibleByArgument {}
