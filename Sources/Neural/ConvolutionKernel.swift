import CDNNL
import Darknet

/// The kernel that computes a convolution, and what of its activation it leaves to do.
struct ConvolutionKernel {
    let primitive: Primitive
    /// To be applied to the output; `lk_linear` if nothing is left.
    let remainingActivation: lk_activation

    /// - Parameter source: how the source lies. It is read so where a fast kernel can; else the kernel wants another
    ///   layout.
    init(
        _ convolution: Convolution, reading source: Descriptor, shape: LayerShape, batch: Int,
        preference: KernelPreference, place: String
    ) throws {
        guard let activation = convolution.activation.fused else {
            let known = Activation.allCases.filter { $0.fused != nil }.map(\.rawValue).joined(separator: ", ")
            throw NeuralError.unsupported(
                layer: place,
                reason: "activation=\(convolution.activation.rawValue) is not supported; expected one of \(known)")
        }
        var request = lk_convolution(
            source: shape.input.image(batch), destination: shape.output.image(batch), size: Int64(convolution.size),
            stride: Int64(convolution.stride), padding: Int64(convolution.padding), groups: Int64(convolution.groups),
            algorithm: preference.algorithm(convolution, shape, batch: batch), activation: activation)
        if request.algorithm != lk_direct {
            // oneDNN's Winograd kernels apply no other activation themselves.
            let isFused = activation == lk_relu
            request.activation = isFused ? activation : lk_linear
            if let primitive = try Primitive.convolution(request, purpose: place) {
                self.primitive = primitive
                remainingActivation = isFused ? lk_linear : activation
                return
            }
            request.algorithm = lk_direct
            request.activation = activation
        }
        remainingActivation = lk_linear
        if let primitive = try Primitive.convolution(request, reading: source, purpose: place) {
            self.primitive = primitive
        } else if let primitive = try Primitive.convolution(request, purpose: place) {
            self.primitive = primitive
        } else {
            throw NeuralError.unsupported(layer: place, reason: "oneDNN \(EngineInfo.version) cannot compute it")
        }
    }
}
