/// How one convolution's numbers lie in a `.weights` file (spec 2.2).
struct ConvolutionPlan {
    var layer: Int
    var filters: Int
    /// Filters in the file: fewer than all with `numload`, none with `dontload`.
    var storedFilters: Int
    var batchNormalize: Bool
    /// The file holds scales, means and variances.
    var storesScales: Bool
    /// Input channels / groups x kernel area.
    var weightsPerFilter: Int
    var flipped: Bool
    var isSaved: Bool

    var weightCount: Int { filters * weightsPerFilter }
    /// Floats of this layer in the file that is read.
    var storedCount: Int { storedFilters * (weightsPerFilter + (storesScales ? 4 : 1)) }
}

extension NetworkConfig {
    /// Every convolution, in the order of the file.
    func convolutionPlans() throws(DarknetError) -> [ConvolutionPlan] {
        var plans: [ConvolutionPlan] = []
        for (index, shape) in try shapes(width: net.width, height: net.height).enumerated() {
            guard case .convolutional(let convolution) = layers[index].kind else { continue }
            let common = layers[index].common
            let stored = common.numLoad > 0 ? min(common.numLoad, convolution.filters) : convolution.filters
            plans.append(
                ConvolutionPlan(
                    layer: index,
                    filters: convolution.filters,
                    storedFilters: common.dontLoad ? 0 : stored,
                    batchNormalize: convolution.batchNormalize,
                    storesScales: convolution.batchNormalize && !common.dontLoadScales,
                    weightsPerFilter: shape.input.channels / convolution.groups * convolution.size * convolution.size,
                    flipped: convolution.flipped,
                    isSaved: !common.dontSave))
        }
        return plans
    }
}
