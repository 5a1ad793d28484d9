import CDNNL
import Darknet

/// How many weights a convolution has in a file, and how many its kernels take: filters and channels filled up to whole
/// blocks with zeros, because oneDNN has no fast kernels for parts of one. With groups nothing can be filled up.
struct WeightExtent {
    let groups: Int
    /// Of a group, as a file has them.
    let filters: Int
    let channels: Int
    /// Of a group, as the kernels take them.
    let paddedFilters: Int
    let paddedChannels: Int
    let size: Int

    /// - Parameter readsPicture: whose channels lie plain.
    init(_ convolution: Convolution, channels: Int, readsPicture: Bool, layout: TrainingLayout) {
        groups = convolution.groups
        size = convolution.size
        filters = convolution.filters / groups
        self.channels = channels / groups
        paddedFilters = groups == 1 ? layout.paddedChannels(filters) : filters
        paddedChannels = groups == 1 && !readsPicture ? layout.paddedChannels(self.channels) : self.channels
    }

    var paddedCount: Int { groups * paddedFilters * paddedChannels * size * size }

    /// Of the padded weights in a file's order.
    func descriptor() throws -> Descriptor {
        groups > 1
            ? try Descriptor([groups, paddedFilters, paddedChannels, size, size])
            : try Descriptor([paddedFilters, paddedChannels, size, size])
    }

    func padded(_ plain: [Float]) -> [Float] {
        guard paddedFilters > filters || paddedChannels > channels else { return plain }
        let (row, paddedRow) = (channels * size * size, paddedChannels * size * size)
        var result = [Float](repeating: 0, count: paddedCount)
        for filter in 0..<filters {
            result.replaceSubrange(
                filter * paddedRow..<filter * paddedRow + row, with: plain[filter * row..<(filter + 1) * row])
        }
        return result
    }

    func cropped(_ padded: [Float]) -> [Float] {
        guard paddedFilters > filters || paddedChannels > channels else { return padded }
        let (row, paddedRow) = (channels * size * size, paddedChannels * size * size)
        return (0..<filters).flatMap { padded[$0 * paddedRow..<$0 * paddedRow + row] }
    }
}
