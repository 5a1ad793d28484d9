import Darknet
import Foundation
import Neural
import Training

// training-bench CFG W H BATCH THREADS fp32|bf16
//
// Times whole steps of training - forward, loss, backward, optimiser - on pictures of noise with a box each, in turn with
// its peers: prints `ready` and then answers lines of standard input, `run N` with N times in milliseconds, until `quit`.
// CFG may be a built-in network's name.

/// The process's memory at its fullest, in KiB.
func peakMemory() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
}

/// A network, and all that a step of training needs.
struct Subject {
    let network: TrainingNetwork
    let loss: Loss
    let optimiser: ParameterOptimiser
    let targets: [Target]

    init(_ arguments: [String]) throws {
        let numbers = arguments.dropFirst().prefix(4).compactMap { Int($0) }
        guard arguments.count == 6, numbers.count == 4, let precision = TrainingPrecision(rawValue: arguments[5]) else {
            throw CocoaError(
                .formatting,
                userInfo: [
                    NSLocalizedDescriptionKey:
                        "usage: training-bench CFG|built-in WIDTH HEIGHT BATCH THREADS fp32|bf16"
                ])
        }
        var config = try NetworkConfig.builtIn(arguments[0]) ?? NetworkConfig(contentsOf: arguments[0])
        config.net.width = numbers[0]
        config.net.height = numbers[1]
        config.net.batch = numbers[2]
        config.net.subdivisions = 1
        network = try TrainingNetwork(
            config: config, batch: numbers[2], threads: numbers[3], precision: precision)
        loss = try Loss.loss(for: config)
        optimiser = ParameterOptimiser(config.net, network: network)
        for index in network.input.indices { network.input[index] = Float(index &* 2_654_435_761 >> 8 & 255) / 255 }
        targets = (0..<numbers[2]).map { image in
            config.region == nil
                ? .label(image)
                : .boxes([.init(classID: image % 20, x: 0.3 + 0.05 * Float(image % 8), y: 0.5, width: 0.2, height: 0.4)]
                )
        }
    }

    func step(_ iteration: Int) throws {
        try network.forward()
        _ = loss(
            output: network.output, shape: network.outputShape, targets: targets, seen: 20_000,
            gradient: network.outputGradient)
        try network.backward()
        optimiser.step(learningRate: 1e-5, iteration: iteration)
    }
}

func milliseconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) * 1e3 + Double(attoseconds) * 1e-15
}

do {
    let clock = ContinuousClock()
    let start = clock.now
    let subject = try Subject(Array(CommandLine.arguments.dropFirst()))
    try subject.step(1)
    try subject.step(2)
    print(
        "ready \(milliseconds(clock.now - start)) ms, rss \(peakMemory()) KiB,",
        "working memory \(subject.network.workingByteCount / 1024) KiB, oneDNN \(EngineInfo.version)",
        EngineInfo.instructionSet)
    fflush(nil)
    var iteration = 2
    while let line = readLine(), line != "quit" {
        let words = line.split(separator: " ")
        guard words.count == 2, words[0] == "run", let count = Int(words[1]), count > 0 else {
            print("expected run N or quit")
            fflush(nil)
            continue
        }
        var times: [String] = []
        for _ in 0..<count {
            let begin = clock.now
            iteration += 1
            try subject.step(iteration)
            times.append(String(format: "%.4f", milliseconds(clock.now - begin)))
        }
        print(times.joined(separator: " "))
        fflush(nil)
    }
} catch {
    FileHandle.standardError.write(Data("training-bench: \(error)\n".utf8))
    exit(1)
}
