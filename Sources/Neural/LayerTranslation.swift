import CDNNL
import Darknet

// Darknet's words for a layer in oneDNN's.

extension TensorShape {
    func image(_ batch: Int) -> lk_image_shape {
        lk_image_shape(batch: Int64(batch), channels: Int64(channels), height: Int64(height), width: Int64(width))
    }
}

extension Activation {
    /// What a convolution applies to its own output; nil for what oneDNN cannot fuse.
    var fused: lk_activation? {
        switch self {
        case .linear: lk_linear
        case .leaky: lk_leaky
        case .relu: lk_relu
        case .logistic: lk_logistic
        case .tanh: lk_tanh
        case .elu: lk_elu
        case .selu, .loggy, .relie, .ramp, .plse, .stair, .hardtan, .lhtan: nil
        }
    }

    /// What it multiplies negative numbers with, leaving others as they are; `nil`: it is no such function.
    var slope: Float? {
        switch self {
        case .linear: 1
        case .leaky: 0.1
        case .relu: 0
        default: nil
        }
    }
}

extension MaxPool {
    /// Darknet's window starts half the total padding, rounded down, before the image; what it needs behind the image
    /// follows from the number of its positions (spec 1.4). Cells outside never win.
    func window(_ shape: LayerShape, batch: Int, place: String) throws -> lk_pooling {
        let before = padding / 2
        let bottom = (shape.output.height - 1) * stride + size - shape.input.height - before
        let right = (shape.output.width - 1) * stride + size - shape.input.width - before
        guard max(before, bottom, right) < size else {
            throw NeuralError.unsupported(
                layer: place, reason: "padding=\(padding) puts whole windows of size \(size) outside of the image")
        }
        return lk_pooling(
            destination: shape.output.image(batch), kernel_height: Int64(size), kernel_width: Int64(size),
            stride: Int64(stride), pad_top: Int64(before), pad_left: Int64(before), pad_bottom: Int64(max(bottom, 0)),
            pad_right: Int64(max(right, 0)), average: 0)
    }
}

extension lk_pooling {
    /// The mean over all positions.
    static func whole(_ shape: LayerShape, batch: Int) -> lk_pooling {
        lk_pooling(
            destination: shape.output.image(batch), kernel_height: Int64(shape.input.height),
            kernel_width: Int64(shape.input.width), stride: 1, pad_top: 0, pad_left: 0, pad_bottom: 0, pad_right: 0,
            average: 1)
    }
}

extension Layer {
    /// Whether it computes nothing at inference and may follow the network's output.
    var endsNetwork: Bool {
        switch kind {
        case .cost: true
        default: false
        }
    }
}

extension NetworkConfig {
    /// `net.cfg:57: layer 4 [convolutional]`.
    func place(ofLayer index: Int) -> String {
        let layer = layers[index]
        let position = layer.line > 0 ? "\(file):\(layer.line)" : file
        return "\(position): layer \(index) [\(layer.name)]"
    }
}
