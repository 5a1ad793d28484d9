import AsyncHTTPClient
import TestSupport
import Testing

@testable import Models

@Suite struct ProxySettingsTests {
    private func proxy(_ address: String, _ environment: [String: String]) throws -> String? {
        try ProxySettings.proxy(for: address, environment: environment).map { "\($0.host):\($0.port)" }
    }

    @Test func byScheme() throws {
        let both = ["http_proxy": "http://a:1", "https_proxy": "http://b:2", "all_proxy": "c:3"]
        #expect(try proxy("http://h/x", both) == "a:1")
        #expect(try proxy("https://h/x", both) == "b:2")
        #expect(try proxy("https://h/x", ["HTTPS_PROXY": "b:2"]) == "b:2")
        #expect(try proxy("http://h/x", ["all_proxy": "c:3"]) == "c:3")
        #expect(try proxy("http://h/x", ["HTTP_PROXY": "a:1"]) == nil)
        #expect(try proxy("http://h/x", ["http_proxy": ""]) == nil)
        #expect(try proxy("http://h/x", [:]) == nil)
    }

    @Test func exceptions() throws {
        for list in ["*", "h.example", "a, .example", "example"] {
            #expect(try proxy("http://H.example/x", ["http_proxy": "a:1", "no_proxy": list]) == nil, "\(list)")
        }
        #expect(try proxy("http://h.example/x", ["http_proxy": "a:1", "NO_PROXY": "ample,other"]) == "a:1")
    }

    @Test func authorization() throws {
        let proxy = try ProxySettings.proxy(for: "http://h/x", environment: ["http_proxy": "http://u:p@a:1"])
        #expect(proxy?.authorization == HTTPClient.Authorization.basic(username: "u", password: "p"))
    }

    @Test(arguments: ["socks5://u:geheim@a:1", "http://", "https://u:geheim@a", "u:geheim@127.0.0.1:65536", "a:0"])
    func badOnes(text: String) {
        let error = #expect(throws: ModelError.self) { try proxy("http://h/x", ["http_proxy": text]) }
        #expect(error?.kind == .badAddress && error?.message.contains("geheim") == false)
    }

    /// Asking again would change nothing.
    @Test(arguments: [
        ("403 Forbidden", "the proxy does not connect to it; ask who runs it, or except the host with no_proxy"),
        ("407 Proxy Authentication Required", "the proxy wants a user and a password"),
    ]) func refusals(status: String, words: String) async throws {
        let proxy = try FileServer { _, _ in FileServer.Answer(status) }
        let desk = try PullDesk()
        let puller = try ModelPuller(
            desk.store, from: ModelSource(mirror: "http://127.0.0.1:1"), options: desk.options,
            environment: ["http_proxy": proxy.url]
        ) { _ in }
        let error = try await #require(throws: ModelError.self) {
            try await PullDesk.run(puller, PullDesk.file(lines: 1, byteCount: 2))
        }
        #expect(error.kind == .unavailable && error.message == "http://127.0.0.1:1/words.names: \(words)")
        #expect(proxy.requests.map(\.path) == ["127.0.0.1:1"])
        #expect(desk.leftovers() == [])
    }
}
