import Logging
import Media
import Pipeline
import Testing

@testable import Streams

@Suite struct FailureReportTests {
    private let refused = MediaError(.unavailable, "rtsp://camera", "Connection refused", reason: .refused)
    private let silent = MediaError(.unavailable, "rtsp://camera", "sent nothing", reason: .stalled)

    @Test func eachReasonIsNewsOnceUntilTheStreamWorks() {
        var report = FailureReport(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        var news: [Bool] = []
        for failure in [refused, refused, silent, refused, silent] {
            news.append(report.failed(failure, retryIn: 1))
        }
        report.recovered()
        news.append(report.failed(refused, retryIn: 1))
        #expect(news == [true, false, true, false, false, true])
    }
}
