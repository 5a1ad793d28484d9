import Darknet
import Foundation
import Streams

/// A network's layers with what each costs, at one input size.
struct LayerTable {
    private struct Row {
        let name: String
        /// Filters, kernel and stride, or sources, as Darknet's table has them.
        let detail: String
        let shape: LayerShape
        let parameters: Int
        let operations: Int
        /// Of the output, in fp32.
        var bytes: Int { shape.output.count * 4 }
    }

    private let config: NetworkConfig
    private let width: Int
    private let height: Int
    private let rows: [Row]
    private let parameters: ParameterCount
    private let weightsBytes: Int
    private let header: WeightsHeader?

    init(_ config: NetworkConfig, width: Int, height: Int, weights header: WeightsHeader?) throws {
        self.config = config
        self.width = width
        self.height = height
        self.header = header
        let shapes = try config.shapes(width: width, height: height)
        let counts = try config.parameterCounts()
        let operations = try config.flops(width: width, height: height)
        rows = config.layers.indices.map { index in
            let layer = config.layers[index]
            return Row(
                name: layer.name, detail: Self.detail(layer), shape: shapes[index], parameters: counts[index].stored,
                operations: operations[index])
        }
        parameters = try config.parameterCount()
        weightsBytes = try config.weightsByteCount(header: header?.byteCount ?? 16)
    }

    static func detail(_ layer: Layer) -> String {
        switch layer.kind {
        case .convolutional(let convolution):
            let norm = convolution.batchNormalize ? "bn " : ""
            return
                "\(convolution.filters)  \(convolution.size) x \(convolution.size) / \(convolution.stride)  \(norm)\(convolution.activation)"
        case .maxpool(let pool): return "\(pool.size) x \(pool.size) / \(pool.stride)"
        case .route(let route): return route.layers.map(String.init).joined(separator: " ")
        case .reorg(let reorg): return "/ \(reorg.stride)"
        case .region(let region): return "\(region.count) anchors, \(region.classes) classes"
        case .dropout(let dropout): return "p = \(dropout.probability)"
        case .avgpool, .softmax, .cost: return ""
        }
    }

    private var operations: Int { rows.reduce(0) { $0 + $1.operations } }
    private var activationBytes: Int { rows.reduce(0) { $0 + $1.bytes } }

    func text() -> String {
        let shape = { (shape: TensorShape) in String(format: "%4d x%4d x%5d", shape.width, shape.height, shape.channels)
        }
        let left = { (text: String, width: Int) in
            text.padding(toLength: max(width, text.count), withPad: " ", startingAt: 0)
        }
        var text = "\(config.name) at \(width) x \(height)\n"
        text +=
            "layer " + left("type", 15) + left("filters, size / stride", 27)
            + "input                  output              parameters    GFLOP  memory\n"
        for (index, row) in rows.enumerated() {
            text +=
                String(format: "%5d ", index) + left(row.name, 15) + left(row.detail, 27) + shape(row.shape.input)
                + " -> " + shape(row.shape.output)
                + String(
                    format: "%12d %8.3f %6.2f M\n", row.parameters, Double(row.operations) / 1e9,
                    Double(row.bytes) / 1_048_576)
        }
        text += "\(parameters.stored) floats, \(parameters.trainable) trainable; weights file \(weightsBytes) bytes"
        if header == nil { text += " (4 more with the newer header)" }
        if let header {
            text += " (version \(header.major).\(header.minor).\(header.revision), \(header.seen) images seen)"
        }
        text += String(
            format: "\n%.3f GFLOP an image; activations %.1f MiB in all\n", Double(operations) / 1e9,
            Double(activationBytes) / 1_048_576)
        return text
    }

    func json() -> String {
        var json = JSONLine()
        json.object { json in
            json.put("network", config.name)
            json.put("width", width)
            json.put("height", height)
            if let classes = config.classCount { json.put("classes", classes) }
            json.put("parameters", parameters.stored)
            json.put("trainable_parameters", parameters.trainable)
            json.put("weights_bytes", weightsBytes)
            json.put("gflop", Double(operations) / 1e9, decimals: 9)
            json.put("activation_bytes", activationBytes)
            if let header { json.put("images_seen", Int(clamping: header.seen)) }
            json.array("layers", rows.enumerated()) { json, item in
                json.object { json in
                    let (index, row) = item
                    json.put("index", index)
                    json.put("type", row.name)
                    for (key, shape) in [("input", row.shape.input), ("output", row.shape.output)] {
                        json.object(key) { json in
                            json.put("width", shape.width)
                            json.put("height", shape.height)
                            json.put("channels", shape.channels)
                        }
                    }
                    json.put("parameters", row.parameters)
                    json.put("gflop", Double(row.operations) / 1e9, decimals: 9)
                    json.put("output_bytes", row.bytes)
                }
            }
        }
        return String(decoding: json.terminated, as: UTF8.self)
    }
}
