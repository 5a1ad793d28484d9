import Foundation

/// A network whose answers are known by heart, for pictures of one even grey: it looks at the brightest red, green and
/// blue of a 32x32 cell and finds one box of class 0 in the cell's middle, the surer the brighter the picture.
///
/// At 32x32 that is one box of half the input's width and a quarter of its height. Five poolings and a convolution: a
/// frame takes next to no time.
public enum TinyNetwork {
    public static let cfg = layers(head: region)

    /// The classifier of the same make: two classes, the first likelier in dark pictures.
    public static let classifierCfg = layers(head: "[avgpool]\n[softmax]\n", filters: 2)

    /// The header, 14 biases, 14 filters of red, green and blue.
    public static let weights = bytes(
        biases: [0, 0, 0, 0, -4, 5, 0] + [0, 0, 0, 0, -50, 0, 0],
        filters: (0..<14).map { $0 == objectness ? [gain, gain, gain] : [0, 0, 0] })

    public static let classifierWeights = bytes(biases: [2, 0], filters: [[-1, -1, -1], [1, 1, 1]])

    /// What it says of an even grey of 0...1.
    public static func confidence(grey: Double) -> Double {
        sigmoid(Double(gain) * 3 * grey - 4) * sigmoid(5)
    }

    /// Writes `tiny.cfg` and `tiny.weights` and returns the options that name them.
    public static func write(to folder: TemporaryFolder) throws -> (cfg: String, weights: String) {
        (try folder.write(cfg.utf8, to: "tiny.cfg"), try folder.write(weights, to: "tiny.weights"))
    }

    private static let objectness = 4
    private static let gain: Float = 8 / 3

    private static let region = """
        [region]
        anchors = 0.5,0.25, 0.1,0.1
        classes = 2
        coords = 4
        num = 2
        softmax = 1
        """

    private static func layers(head: String, filters: Int = 14) -> String {
        "[net]\nwidth = 32\nheight = 32\nchannels = 3\n"
            + String(repeating: "[maxpool]\nsize = 2\nstride = 2\n", count: 5)
            + "[convolutional]\nfilters = \(filters)\nsize = 1\nstride = 1\nactivation = linear\n" + head
    }

    private static func bytes(biases: [Float], filters: [[Float]]) -> [UInt8] {
        var bytes = [UInt8]()
        for word: UInt32 in [0, 2, 0, 0, 0] { withUnsafeBytes(of: word.littleEndian) { bytes += $0 } }
        for value in biases + filters.joined() {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
        }
        return bytes
    }

    private static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
}
