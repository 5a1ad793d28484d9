import CDNNL
import Darknet

/// What a session's convolutions are chosen for.
public enum KernelPreference: Sendable, CaseIterable {
    /// The most images per second: Winograd kernels where they gain, which oneDNN 2 has for CPUs with AVX-512. They
    /// need weights of their own, 1.8 or 4 times as large as the file's, beside the plain ones, which a Winograd layout
    /// cannot give back. yolov2-voc is twice as fast as with `startup`, but takes 690 MB instead of 270 and is ready
    /// after 1.0 s instead of 0.45 (two threads). Sessions of one size and batch share these weights; those of
    /// another may need a Winograd layout of their own.
    case throughput
    /// Direct convolution alone: quick to build and small. For a few images.
    case startup
}

extension KernelPreference {
    /// The algorithm to try first, from the shape alone, so that a network gives the same numbers on every run.
    ///
    /// Measured with oneDNN 2.6.3 on an EPYC of Zen 4, at every 3 x 3 layer of yolov2-voc, yolov2-tiny-voc and
    /// yolo-lite at 416 x 416, 416 x 256, 224 x 224 and (one image) 608 x 608, with cold weights, the activation
    /// included. Direct time over Winograd's with one thread; two threads gave the same order but at 7 x 7, where
    /// 2 x 2 gave 0.9 to 1.2:
    ///
    ///     channels   results                  images   tiles 2 x 2   tiles 4 x 4
    ///     3          416 x 416                1        -             0.3
    ///     16         112 x 112 to 304 x 304   1        1.3           1.8
    ///     32-64      28 x 28 to 304 x 304     1        1.5           2.0 to 2.6
    ///     128-1280   26 x 16 to 76 x 76       1        not offered   1.8 to 3.1
    ///     128-1280   13 x 8 to 14 x 14        1        1.2 to 2.0    1.0 to 2.0
    ///     128-1280   7 x 7                    1        1.0 to 1.3    0.6 to 1.2
    ///     16-64      52 x 32 to 208 x 208     4        not offered   1.8 to 2.5
    ///     128-1280   13 x 8 to 52 x 52        4        not offered   1.5 to 3.1
    ///     128-1280   7 x 7                    4        not offered   1.2 to 1.9
    ///
    /// oneDNN's own choice of tiles is right for few results, where 4 x 4 reads twice the weights for little less
    /// arithmetic; for more it takes 2 x 2 now and then, and 4 x 4 is always faster.
    func algorithm(_ convolution: Convolution, _ shape: LayerShape, batch: Int) -> lk_algorithm {
        let positions = batch * shape.output.height * shape.output.width
        guard self == .throughput, convolution.size == 3, convolution.stride == 1, convolution.groups == 1,
            min(shape.input.channels, shape.output.channels) >= 16, positions >= 7 * 7
        else { return lk_direct }
        return positions <= 16 * 16 ? lk_winograd : lk_winograd_4x4
    }
}
