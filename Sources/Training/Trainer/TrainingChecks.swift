import Darknet
import Foundation

/// What is probably not meant, found before hours are spent on it.
public enum TrainingChecks {
    /// - Parameters:
    ///   - largest: pixels of the network's input at most.
    ///   - images: of the training set.
    /// - Returns: one sentence each: what, and what to do.
    public static func warnings(
        _ config: NetworkConfig, largest: (width: Int, height: Int), images: Int, isFromScratch: Bool
    ) throws -> [String] {
        try anchorWarnings(config, largest) + sizeWarnings(config) + batchWarnings(config, images: images)
            + scheduleWarnings(config.net, isFromScratch: isFromScratch)
    }

    /// Beyond four times the grid the cfg's own warnings tell.
    private static func anchorWarnings(_ config: NetworkConfig, _ size: (width: Int, height: Int)) throws -> [String] {
        guard let region = config.region, let anchor = region.anchors.max(),
            let grid = try config.shapes(width: size.width, height: size.height).last?.output,
            let own = try config.shapes(width: config.net.width, height: config.net.height).last?.output
        else { return [] }
        let (most, told) = (2 * max(grid.width, grid.height), 4 * max(own.width, own.height))
        guard anchor > Float(most), anchor <= Float(told) else { return [] }
        return [
            "an anchor is \(anchor) cells wide or high, the grid has \(grid.width) x \(grid.height): anchors count cells of "
                + "32 pixels, not pixels; lookout anchors finds fitting ones"
        ]
    }

    private static func sizeWarnings(_ config: NetworkConfig) -> [String] {
        let net = config.net
        guard config.region != nil, !net.width.isMultiple(of: 32) || !net.height.isMultiple(of: 32) else { return [] }
        return [
            "the input of \(net.width) x \(net.height) is no multiple of 32: its right and lower edges are not seen; "
                + "choose multiples of 32"
        ]
    }

    private static func batchWarnings(_ config: NetworkConfig, images: Int) -> [String] {
        let net = config.net
        let normalises = config.layers.contains {
            if case .convolutional(let convolution) = $0.kind { convolution.batchNormalize } else { false }
        }
        var warnings: [String] = []
        if !net.batch.isMultiple(of: net.subdivisions) {
            warnings.append(
                "batch = \(net.batch) is no multiple of subdivisions = \(net.subdivisions): "
                    + "\(net.miniBatch * net.subdivisions) images make an update")
        }
        if net.miniBatch == 1 && (normalises || net.batch == 1) {
            warnings.append(
                net.batch == 1
                    ? "batch = 1, as in cfgs made for detection: training wants something like --batch 64 --subdivisions 8"
                    : "one image at a time is run: batch normalisation has next to nothing to go by; "
                        + "use fewer subdivisions")
        }
        if images < net.batch {
            warnings.append(
                "\(images) images are fewer than a batch of \(net.batch): each is seen several times an update; "
                    + "a smaller batch learns as much in less time")
        }
        if images < 1000 && net.learningRate > 0.001 && !net.adam {
            warnings.append(
                "learning_rate = \(net.learningRate) is much for \(images) images: 0.001 or less seldom diverges")
        }
        return warnings
    }

    private static func scheduleWarnings(_ net: NetOptions, isFromScratch: Bool) -> [String] {
        guard net.maxBatches > 0 else { return [] }
        var warnings: [String] = []
        if net.maxBatches <= net.burnIn {
            warnings.append(
                "max_batches = \(net.maxBatches) ends within burn_in = \(net.burnIn): the learning rate never gets to "
                    + "what it should be; use a burn_in of a tenth of max_batches or less")
        }
        let late = net.steps.filter { $0 >= net.maxBatches }
        if net.policy == .steps, !late.isEmpty {
            warnings.append(
                "steps = \(late.map(String.init).joined(separator: ",")) lies at or beyond max_batches = "
                    + "\(net.maxBatches) and is never reached; usual are 80 and 90 percent of it")
        }
        if net.policy == .steps, let last = net.steps.last, last > net.burnIn, last < net.maxBatches / 2,
            net.scales.last ?? 1 < 1
        {
            warnings.append(
                "the learning rate falls for the last time at iteration \(last) of \(net.maxBatches): the rest learns next "
                    + "to nothing; usual are steps at 80 and 90 percent")
        }
        if isFromScratch, net.policy != .poly, net.burnIn == 0, net.learningRate >= 0.01 {
            warnings.append(
                "learning_rate = \(net.learningRate) from the first iteration on may diverge; burn_in = 1000 eases it in"
            )
        }
        return warnings
    }
}
