import Logging
import Pipeline

extension LiveStream {
    /// What a stream is made of, shared by its stages.
    struct Parts: Sendable {
        let settings: StreamSettings
        let status: StreamStatus
        let engine: InferenceEngine
        let slot: FrameSlot
        let events: EventFile?
        let video: LiveVideo?
        let preview: Preview?
        let feed: EventFeed
        let newest: NewestDetections
        let logger: Logger
        let stop = StopSignal()
        private let isLosing = Locked(false)

        /// Puts something that is no frame in its place among the stream's results. What finds no room is told of,
        /// once until something does.
        func post(_ item: StreamItem) {
            let isLost = !engine.post(item, to: slot) && !stop.isRequested
            let wasLosing = isLosing.withLock { isLosing in
                defer { isLosing = isLost }
                return isLosing
            }
            if isLost && !wasLosing { logger.warning("records are lost: too much waits to be written") }
        }
    }
}
