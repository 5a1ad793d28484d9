import CDNNL
import CKernels
import Darknet

/// How all tensors of a training network lie: batch x blocks x rows x columns x lanes, in the numbers of its precision.
/// Only the picture is plain.
struct TrainingLayout {
    let flavour: lk_flavour
    let batch: Int
    let lanes: Int
    let numberByteCount: Int

    init(_ flavour: lk_flavour, batch: Int) {
        self.flavour = flavour
        self.batch = batch
        lanes = Int(lk_flavour_lanes(flavour))
        numberByteCount = Int(lk_flavour_bytes(flavour))
    }

    /// The widest that this CPU has.
    static func flavour(for precision: TrainingPrecision) throws(NeuralError) -> lk_flavour {
        switch precision {
        case .bf16:
            guard precision.isAvailable else {
                throw .unsupported(
                    layer: "training in bf16", reason: "this CPU has no instructions for it (AVX512_BF16); use fp32")
            }
            return lk_16_bf16
        case .fp32:
            return [lk_16_f32, lk_8_f32].first { lk_flavour_is_available($0) != 0 } ?? lk_plain_f32
        }
    }

    func blocks(_ channels: Int) -> Int { (channels + lanes - 1) / lanes }
    func paddedChannels(_ channels: Int) -> Int { blocks(channels) * lanes }

    func shape(_ shape: TensorShape) -> lk_blocked_shape {
        lk_blocked_shape(
            batch: Int64(batch), blocks: Int64(blocks(shape.channels)), height: Int64(shape.height),
            width: Int64(shape.width))
    }

    /// Numbers of the whole batch, those that fill up the last block counted.
    func count(_ shape: TensorShape) -> Int { batch * paddedChannels(shape.channels) * shape.height * shape.width }
    func byteCount(_ shape: TensorShape) -> Int { count(shape) * numberByteCount }

    func descriptor(_ shape: TensorShape) throws -> Descriptor {
        let layout =
            switch lanes {
            case 16: lk_layout_blocked16
            case 8: lk_layout_blocked8
            default: lk_layout_row_major
            }
        return try Descriptor([batch, shape.channels, shape.height, shape.width], layout, number)
    }

    /// Of a picture.
    func plainDescriptor(_ shape: TensorShape) throws -> Descriptor {
        try Descriptor([batch, shape.channels, shape.height, shape.width], lk_layout_row_major, number)
    }

    /// For arrays of floats.
    var floats: lk_flavour { flavour == lk_16_bf16 ? lk_16_f32 : flavour }

    private var number: lk_number { flavour == lk_16_bf16 ? lk_bf16 : lk_f32 }
}
