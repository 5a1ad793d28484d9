import Foundation
import Media
import Streams
import Street

/// What the streams and the videos of several inputs are called.
struct InputNames {
    /// The inputs' base names without extension, made distinct.
    private(set) var streams: [String] = []
    /// Where each input's video goes.
    private(set) var videos: [String?] = []

    init(_ inputs: [String], video: String?) throws {
        for input in inputs {
            if StreetAddress.isOne(input) {
                throw UsageError(
                    "\(input) never ends: it is a camera for lookout run; lookout demo video FILE makes a recording of it"
                )
            }
            let stem = FileNames.stem(ofInput: input)
            var name = stem
            var count = 1
            while streams.contains(name) {
                count += 1
                name = "\(stem)-\(count)"
            }
            streams.append(name)
        }
        guard let video else {
            videos = inputs.map { _ in nil }
            return
        }
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: video, isDirectory: &isFolder)
        if exists && isFolder.boolValue || video.hasSuffix("/") {
            try FileNames.createFolder(video)
            videos = streams.map { FileNames.path(video, $0 + ".mp4") }
        } else if inputs.count > 1 {
            throw UsageError("--video \(video): with several inputs, name a folder (\(video)/)")
        } else {
            videos = [video]
        }
    }
}
