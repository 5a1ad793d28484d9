/// What one layer, or a part of it, does in training. Made for one input size; bound to the memory of its tensors.
protocol TrainingOperation: AnyObject {
    /// The layer that it is done for.
    var layer: Int { get }
    func forward() throws(NeuralError)
    /// From the gradient of what it wrote to that of what it read, and of its parameters.
    func backward() throws(NeuralError)
    /// Of memory of its own, besides its tensors'.
    var byteCount: Int { get }
}

extension TrainingOperation {
    var byteCount: Int { 0 }
}

/// One tensor of a training network: its values, and the gradient of the loss with respect to them.
struct TrainingTensor {
    let values: UnsafeMutableRawPointer
    /// `nil` where nothing before it learns.
    let gradient: UnsafeMutableRawPointer?
}
