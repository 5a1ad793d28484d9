import Glibc
import NIOCore

/// Ends connections that stand still: a viewer that takes nothing, one that vanished, any at all once the server closes.
final class ConnectionGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    private let stall: TimeAmount
    private var stalled: Scheduled<Void>?
    /// For answers under way when the server closes.
    private static let grace = TimeAmount.milliseconds(200)

    init(stall: TimeAmount) { self.stall = stall }

    func handlerAdded(context: ChannelHandlerContext) {
        let tcp = { (option: Int32) in ChannelOptions.socket(SocketOptionLevel(IPPROTO_TCP), SocketOptionName(option)) }
        let stallSeconds = max(1, stall.nanoseconds / 1_000_000_000)
        let options: [(ChannelOptions.Types.SocketOption, Int64)] = [
            // The system is to find out that a quiet viewer is gone,
            (ChannelOptions.socketOption(.so_keepalive), 1), (tcp(TCP_KEEPIDLE), stallSeconds), (tcp(TCP_KEEPINTVL), 5),
            (tcp(TCP_KEEPCNT), 3),
            // not to try for a quarter of an hour to reach one,
            (tcp(TCP_USER_TIMEOUT), stallSeconds * 1000),
            // and not to keep megabytes of old pictures for a slow one.
            (ChannelOptions.socketOption(.so_sndbuf), 256 << 10),
        ]
        for (option, value) in options {
            // Each only helps; the connection works without.
            context.channel.setOption(option, value: .init(value)).whenFailure { _ in }
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stalled?.cancel()
        stalled = context.channel.isWritable ? nil : close(context.channel, in: stall)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { close(context.channel, in: Self.grace) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        stalled?.cancel()
        context.fireChannelInactive()
    }

    @discardableResult
    private func close(_ channel: any Channel, in delay: TimeAmount) -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: delay) { channel.close(promise: nil) }
    }
}
