import Darknet
import Foundation
import Neural

// network-bench CFG WEIGHTS|random W H BATCH THREADS [throughput|startup]
//
// Times one network alone, in turn with its peers: prints `ready` and then answers lines of standard input,
// `run N` with N times in milliseconds, until `quit`. CFG may be a built-in network's name.

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

/// A network ready to run, and the image that it runs on.
struct Subject {
    let session: any NetworkSession
    let images: [UnsafeRawPointer]
}

func image(_ layout: InputLayout) -> UnsafeRawPointer {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: layout.byteCount, alignment: 64)
    layout.fillWithPattern(memory)
    return UnsafeRawPointer(memory)
}

func makeSubject(_ arguments: [String]) throws -> Subject {
    let numbers = arguments.dropFirst(2).prefix(4).compactMap { Int($0) }
    let mode = arguments.dropFirst(6).first ?? "throughput"
    let kernels = KernelPreference.allCases.first { "\($0)" == mode }
    guard 6...7 ~= arguments.count, numbers.count == 4, kernels != nil || mode == "int8" else {
        throw CocoaError(
            .formatting,
            userInfo: [
                NSLocalizedDescriptionKey:
                    "usage: network-bench CFG|built-in WEIGHTS|random WIDTH HEIGHT BATCH THREADS [throughput|startup|int8]"
            ])
    }
    let config = try NetworkConfig.builtIn(arguments[0]) ?? NetworkConfig(contentsOf: arguments[0])
    let weights = {
        try arguments[1] == "random" ? .random(for: config) : WeightsFile(contentsOf: arguments[1], for: config)
    }
    var ranges: [Int: ClosedRange<Float>]?
    if mode == "int8" {
        let calibrator = try Calibrator(
            Model(config: config, weights: weights()), width: numbers[0], height: numbers[1], threads: numbers[3])
        try calibrator.add(image(calibrator.inputLayout))
        ranges = calibrator.ranges()
    }
    let model = try Model(config: config, weights: weights(), calibration: ranges)
    let session = try model.session(
        width: numbers[0], height: numbers[1], batch: numbers[2], threads: numbers[3], kernels: kernels ?? .throughput)
    return Subject(session: session, images: (0..<numbers[2]).map { _ in image(session.inputLayout) })
}

do {
    let clock = ContinuousClock()
    let start = clock.now
    let subject = try makeSubject(Array(CommandLine.arguments.dropFirst()))
    let (session, images) = (subject.session, subject.images)
    try session.run(images)
    try session.run(images)
    print(
        "ready \(milliseconds(clock.now - start)) ms, rss \(peakMemory()) KiB, scratch \(session.scratchBytes / 1024) KiB,",
        "oneDNN \(EngineInfo.version) \(EngineInfo.instructionSet), int8 \(Int8Kernel.best?.name ?? "none")")
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
            try session.run(images)
            times.append(String(format: "%.4f", milliseconds(clock.now - begin)))
        }
        print(times.joined(separator: " "))
        fflush(nil)
    }
} catch {
    FileHandle.standardError.write(Data("network-bench: \(error)\n".utf8))
    exit(1)
}
