import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import Web

@Suite("Connection guard", .timeLimit(.minutes(10))) struct ConnectionGuardTests {
    @Test func theSystemWatchesOverConnections() async throws {
        let (children, child) = AsyncStream.makeStream(of: (any Channel).self)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ConnectionGuard(stall: .seconds(7)))
                    child.yield(channel)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: try #require(server.localAddress)).get()
        let accepted = try #require(await children.first { _ in true })
        for (option, value) in [(TCP_KEEPIDLE, 7), (TCP_KEEPINTVL, 5), (TCP_KEEPCNT, 3), (TCP_USER_TIMEOUT, 7000)] {
            let seen = try await accepted.getOption(.socket(SocketOptionLevel(IPPROTO_TCP), SocketOptionName(option)))
                .get()
            #expect(seen == value, "TCP option \(option)")
        }
        #expect(try await accepted.getOption(.socketOption(.so_keepalive)).get() == 1)
        // The system doubles what it is asked for.
        #expect(try await accepted.getOption(.socketOption(.so_sndbuf)).get() <= 512 << 10)
        try await client.close()
        try await server.close()
    }
}
