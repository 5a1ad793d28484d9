import Darknet

/// Which input element each output element of a `[reorg]` layer takes, for one image (spec section 4).
///
/// Elements count in C, H, W order. Every order and direction is a permutation.
struct ReorgPermutation: Equatable {
    /// `sources[o]` is the input element that goes to output element `o`.
    let sources: [Int]

    /// `input` must divide as `reorg` asks: by `stride` in both directions, or in channels by `stride` squared.
    init(_ reorg: Reorg, input: TensorShape) {
        switch (reorg.order, reorg.reverse) {
        case (.darknet, false): sources = Self.darknet(input, stride: reorg.stride)
        // Darknet's reverse is not the inverse of its forward direction, but a plain depth to space.
        case (.darknet, true), (.offsetMajor, true): sources = Self.depthToSpace(input, reorg.stride, Self.offsetMajor)
        case (.offsetMajor, false): sources = Self.spaceToDepth(input, reorg.stride, Self.offsetMajor)
        case (.channelMajor, false): sources = Self.spaceToDepth(input, reorg.stride, Self.channelMajor)
        case (.channelMajor, true): sources = Self.depthToSpace(input, reorg.stride, Self.channelMajor)
        }
    }

    private init(sources: [Int]) { self.sources = sources }

    /// Undoes this permutation.
    var inverse: ReorgPermutation {
        var inverse = Array(repeating: 0, count: sources.count)
        for (output, input) in sources.enumerated() { inverse[input] = output }
        return ReorgPermutation(sources: inverse)
    }

    /// Which deep channel holds cell `offset` (row by row, of `stride` squared) of channel `channel` (of `channels`).
    private typealias DeepChannel = (_ channel: Int, _ offset: Int, _ channels: Int, _ offsets: Int) -> Int

    private static func channelMajor(channel: Int, offset: Int, channels: Int, offsets: Int) -> Int {
        channel * offsets + offset
    }

    private static func offsetMajor(channel: Int, offset: Int, channels: Int, offsets: Int) -> Int {
        offset * channels + channel
    }

    private static func spaceToDepth(_ input: TensorShape, _ stride: Int, _ deep: DeepChannel) -> [Int] {
        let (height, width) = (input.height / stride, input.width / stride)
        var sources = Array(repeating: 0, count: input.count)
        for c in 0..<input.channels {
            for y in 0..<input.height {
                for x in 0..<input.width {
                    let offset = y % stride * stride + x % stride
                    let channel = deep(c, offset, input.channels, stride * stride)
                    let output = (channel * height + y / stride) * width + x / stride
                    sources[output] = (c * input.height + y) * input.width + x
                }
            }
        }
        return sources
    }

    private static func depthToSpace(_ input: TensorShape, _ stride: Int, _ deep: DeepChannel) -> [Int] {
        let wide = TensorShape(
            channels: input.channels / (stride * stride), height: input.height * stride, width: input.width * stride)
        return ReorgPermutation(sources: spaceToDepth(wide, stride, deep)).inverse.sources
    }

    /// Darknet reads the flat input as if it had `stride` squared fewer channels of `stride` times the height and
    /// width, and takes the offset-major space to depth of that. Released weights were trained so.
    private static func darknet(_ input: TensorShape, stride: Int) -> [Int] {
        let view = TensorShape(
            channels: input.channels / (stride * stride), height: input.height * stride, width: input.width * stride)
        return spaceToDepth(view, stride, offsetMajor)
    }
}
