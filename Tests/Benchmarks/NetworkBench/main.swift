import Darknet
import Foundation
import Neural

// network-bench CFG WEIGHTS|random W H BATCH THREADS [throughput|startup]
//
// Times one network alone, in turn with its peers: prints `ready` and then answers lines of standard input,
// `run N` with N times in milliseconds, until `quit`. CFG may be a built-in network's name.

/// He-initialised weights, as a network starts training with: activations keep their size through the layers, so that
/// no multiplication meets denormals or infinities, which would take other times.
func randomWeights(_ config: NetworkConfig) throws -> WeightsFile {
    // A linear congruential generator (Knuth's constants): fifty million numbers at once, of no other quality needed.
    var state: UInt64 = 1
    func uniform() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(state >> 40) / Float(1 << 23) - 1
    }
    var layers: [Int: ConvolutionWeights] = [:]
    for (index, shape) in try config.shapes(width: config.net.width, height: config.net.height).enumerated() {
        guard case .convolutional(let convolution) = config.layers[index].kind else { continue }
        let filters = convolution.filters
        let inputs = shape.input.channels / convolution.groups * convolution.size * convolution.size
        let bound = (6 / Float(inputs)).squareRoot()
        let ones = [Float](repeating: 1, count: filters)
        let zeros = [Float](repeating: 0, count: filters)
        layers[index] = ConvolutionWeights(
            biases: zeros,
            batchNorm: convolution.batchNormalize ? .init(scales: ones, means: zeros, variances: ones) : nil,
            weights: (0..<filters * inputs).map { _ in bound * uniform() })
    }
    return WeightsFile(layers: layers)
}

func milliseconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) * 1e3 + Double(attoseconds) * 1e-15
}

/// The process's memory at its fullest, in KiB.
func peakMemory() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
}

func makeSession(_ arguments: [String]) throws -> Session {
    let numbers = arguments.dropFirst(2).prefix(4).compactMap { Int($0) }
    let kernels = KernelPreference.allCases.first { "\($0)" == arguments.dropFirst(6).first ?? "throughput" }
    guard 6...7 ~= arguments.count, numbers.count == 4, let kernels else {
        throw CocoaError(
            .formatting,
            userInfo: [
                NSLocalizedDescriptionKey:
                    "usage: network-bench CFG|built-in WEIGHTS|random WIDTH HEIGHT BATCH THREADS [throughput|startup]"
            ])
    }
    let config = try NetworkConfig.builtIn(arguments[0]) ?? NetworkConfig(contentsOf: arguments[0])
    let model = try Model(
        config: config,
        weights: arguments[1] == "random"
            ? randomWeights(config) : WeightsFile(contentsOf: arguments[1], for: config))
    let session = try Session(
        model: model, width: numbers[0], height: numbers[1], batch: numbers[2], threads: numbers[3],
        kernels: kernels)
    for index in session.input.indices { session.input[index] = Float(index * 7 % 256) / 255 }
    return session
}

do {
    let clock = ContinuousClock()
    let start = clock.now
    let session = try makeSession(Array(CommandLine.arguments.dropFirst()))
    try session.run()
    try session.run()
    print(
        "ready \(milliseconds(clock.now - start)) ms, rss \(peakMemory()) KiB, scratch \(session.scratchBytes / 1024) KiB,",
        "oneDNN \(EngineInfo.version) \(EngineInfo.instructionSet)")
    fflush(nil)
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
            try session.run()
            times.append(String(format: "%.4f", milliseconds(clock.now - begin)))
        }
        print(times.joined(separator: " "))
        fflush(nil)
    }
} catch {
    FileHandle.standardError.write(Data("network-bench: \(error)\n".utf8))
    exit(1)
}
