import Darknet
import Detection
import TestSupport

/// Networks of five poolings and one convolution: 1x1 outputs at 32x32 in next to no time.
enum SmallNetwork {
    /// - Parameter head: the sections after the convolution.
    static func cfg(filters: Int, head: String, width: Int = 32, height: Int = 32) -> String {
        "[net]\nwidth=\(width)\nheight=\(height)\nchannels=3\n"
            + String(repeating: "[maxpool]\nsize=2\nstride=2\n", count: 5)
            + "[convolutional]\nfilters=\(filters)\nsize=1\nstride=1\nactivation=linear\n\(head)\n"
    }

    /// Writes `name.cfg` and `name.weights`, whose network answers `output` to every picture at every cell.
    static func write(_ name: String, cfg: String, output: [Float], to folder: TemporaryFolder) throws -> NetworkFiles {
        let config = try NetworkConfig(parsing: cfg, file: "\(name).cfg")
        let convolution = ConvolutionWeights(
            biases: output, weights: Array(repeating: 0, count: 3 * output.count))
        try folder.write(cfg.utf8, to: "\(name).cfg")
        try WeightsFile(layers: [5: convolution]).write(to: folder.file("\(name).weights"), for: config)
        return NetworkFiles(weights: folder.file("\(name).weights"))
    }

    /// One anchor of half a cell, `classes` classes.
    static func detector(
        _ output: [Float], width: Int = 32, height: Int = 32, in folder: TemporaryFolder
    ) throws -> LoadedNetwork {
        let head = "[region]\nanchors=0.5,0.5\nnum=1\nclasses=\(output.count - 5)\nsoftmax=1"
        let cfg = cfg(filters: output.count, head: head, width: width, height: height)
        return try write("small", cfg: cfg, output: output, to: folder).load()
    }

    /// Grey, as it were from a picture of this size.
    static func image(_ width: Int, _ height: Int, sourceWidth: Int, sourceHeight: Int) -> InputImage {
        let image = InputImage(width: width, height: height)
        let source = RGBImage(
            width: sourceWidth, height: sourceHeight,
            values: Array(repeating: 0.5, count: 3 * sourceWidth * sourceHeight))
        ReferenceResampler.prepare(source, into: image, mode: .letterbox)
        return image
    }
}
