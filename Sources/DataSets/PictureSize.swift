import Media

/// Of a picture whose annotation does not tell: decodes it.
func decodedSize(of image: String) throws(DataProblem) -> (width: Int, height: Int) {
    do {
        let source = try VideoSource(image, decoderThreads: 1)
        while let item = try source.next() {
            if case .frame(let frame) = item { return (frame.width, frame.height) }
        }
    } catch {
        throw DataProblem(file: image, message: "its annotation has no size, and it cannot be decoded: \(error)")
    }
    throw DataProblem(file: image, message: "its annotation has no size, and it holds no picture")
}
