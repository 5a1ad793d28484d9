import Testing

@testable import Media

@Suite struct CredentialsTests {
    @Test func `stand where libav looks for them`() throws {
        let address = { (url: String) in
            try Credentials(username: "a b", password: "p@:/?#%é").inserted(into: url)
        }
        let both = "a%20b:p%40%3A%2F%3F%23%25%C3%A9"
        #expect(try address("rtsp://host:8554/live") == "rtsp://\(both)@host:8554/live")
        #expect(try address("rtsp://old:word@host/a@b?c=d@e") == "rtsp://\(both)@host/a@b?c=d@e")
        #expect(try address("rtsp://host?c=d@e") == "rtsp://\(both)@host?c=d@e")
        #expect(try address("RTSPS://[::1]/x") == "RTSPS://\(both)@[::1]/x")
    }

    @Test(arguments: ["rtsp://host/", "RTSPS://host/"])
    func `are refused where libav would cut them off`(_ url: String) throws {
        let secret = String(repeating: "é", count: 30)
        let error = try mediaError { try Credentials(username: "u", password: secret).inserted(into: url) }
        #expect(error.kind == .unsupported)
        #expect(!error.description.contains("é"))
    }

    @Test func `are not shown`() {
        let credentials = Credentials(username: "viewer", password: "secret")
        #expect("\(credentials)" == "***")
        #expect(String(reflecting: credentials) == "***")
    }
}
