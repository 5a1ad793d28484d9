import Streams

/// No output may take the place of an input or of another output, neither when it is whole nor before; and all can be
/// made where they are to be.
///
/// - Parameter inputs: all files that are read, those of the model too. What is no file (a URL, a pattern) is passed over.
func checkOutputs(_ outputs: [OutputFile], inputs: [String]) throws {
    let inputs = Set(inputs.compactMap(FileIdentity.init(input:)))
    for (index, output) in outputs.enumerated() {
        try checkOutput(output, inputs: inputs)
        if let other = outputs[..<index].first(where: output.collides) {
            throw UsageError("\(output.path) and \(other.path) are the same file, named as output twice")
        }
        try FileNames.checkFolder(of: output)
    }
}

func checkOutput(_ output: OutputFile, inputs: Set<FileIdentity>) throws {
    guard output.replaces(anyOf: inputs) else { return }
    let partial = output.isTemporary ? " (until it is whole, it is \(output.writingPath))" : ""
    throw UsageError(
        "\(output.path)\(partial) is an input: writing there would destroy it; name another file or folder")
}
