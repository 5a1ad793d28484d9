import Media
import Streams
import TestSupport

/// A moving test picture, 25 frames a second.
struct TestCamera: Sendable {
    private let frames: [Frame]

    /// - Parameter source: of ffmpeg's lavfi.
    init(_ source: String = "testsrc2=s=640x360") throws {
        let path = try FFmpegTool.clip(
            "camera.mp4", ["-f", "lavfi", "-i", "\(source):r=25:d=2", "-c:v", "libx264", "-preset", "veryfast"])
        let video = try VideoSource(path)
        var frames: [Frame] = []
        while case .frame(let frame)? = try video.next() { frames.append(frame) }
        self.frames = frames
    }

    /// Shows the picture, over and over, until the task is cancelled; `visit` sees the number of every frame.
    ///
    /// - Returns: the longest time that a preview took to accept a frame.
    @discardableResult
    func play(
        into previews: [Preview], _ detections: [NamedDetection] = [], visit: (Int) -> Void = { _ in }
    ) async -> Duration {
        let start = ContinuousClock.now
        var longest = Duration.zero
        for number in 0... {
            let frame = frames[number % frames.count]
            for preview in previews where preview.isWanted {
                longest = max(longest, ContinuousClock().measure { preview.offer(frame, detections) })
            }
            visit(number)
            do { try await Task.sleep(until: start + .milliseconds(40 * (number + 1))) } catch { break }
        }
        return longest
    }
}
