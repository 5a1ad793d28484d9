import Media

/// Of a picture whose annotation does not tell: decodes it.
func decodedSize(of image: String) throws(DataProblem) -> (width: Int, height: Int) {
    do {
        let frame = try StillPicture.read(image)
        return (frame.width, frame.height)
    } catch {
        throw DataProblem(file: image, message: "its annotation has no size, and it cannot be decoded: \(error)")
    }
}
