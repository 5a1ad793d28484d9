import Foundation
import Neural
import Pipeline
import Streams

/// What a measurement was made on, and what it could reach at most.
struct Machine {
    var cpu: String
    var processors: Processors
    var engine: String
    var instructionSet: String
    /// Threads that the peaks are of.
    var threads: Int
    var fp32: PeakRate
    var int8: PeakRate

    /// Describes and measures this one: takes half a second and its processors.
    ///
    /// - Parameter threads: that what it is compared with computes with. More than processors reach no more.
    static func measured(threads: Int) throws -> Machine {
        let processors = Processors()
        let busy = min(threads, processors.count)
        return Machine(
            cpu: cpuName(), processors: processors, engine: EngineInfo.version,
            instructionSet: EngineInfo.instructionSet, threads: busy, fp32: try .fp32(threads: busy),
            int8: try .int8(threads: busy))
    }

    /// As the kernel tells it; other architectures than x86 tell none.
    private static func cpuName() -> String {
        let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
        let name = lines.first { $0.hasPrefix("model name") }?.split(separator: ":", maxSplits: 1).last
        return name.map { $0.trimmingCharacters(in: .whitespaces) } ?? "CPU without a name"
    }

    func text() -> String {
        let (cores, quota, nodes) = (processors.count, processors.quota, processors.nodes)
        let limit = quota.map { String(format: "quota %.2f", $0) } ?? "no quota"
        let (floats, bytes) = (
            String(format: "%.0f GFLOP/s", fp32.gflopsPerSecond), String(format: "%.0f GOP/s", int8.gflopsPerSecond)
        )
        let peaks = "fp32 \(floats) (\(fp32.instructions)), int8 \(bytes) (\(int8.instructions))"
        return """
            \(cpu)
              cores to use: \(cores) (affinity mask \(processors.affinity), \(limit)), NUMA nodes: \(nodes)
              oneDNN \(engine), \(instructionSet)
              measured peak of \(threads) \(threads == 1 ? "thread" : "threads"): \(peaks)

            """
    }

    func put(into json: inout JSONLine) {
        json.put("cpu", cpu)
        json.put("cores", processors.count)
        json.put("affinity", processors.affinity)
        if let quota = processors.quota { json.put("quota", quota, decimals: 3) }
        json.put("numa_nodes", processors.nodes)
        json.put("onednn", engine)
        json.put("instruction_set", instructionSet)
        json.put("peak_threads", threads)
        for (key, peak) in [("fp32", fp32), ("int8", int8)] {
            json.object(key) { json in
                json.put("instructions", peak.instructions)
                json.put("gflops_per_second", peak.gflopsPerSecond, decimals: 1)
            }
        }
    }
}
