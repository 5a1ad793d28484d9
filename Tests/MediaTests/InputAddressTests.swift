import CFFmpeg
import Foundation
import TestSupport
import Testing

@testable import Media

@Suite struct InputAddressTests {
    @Test(arguments: ["rtsp", "http", "tcp", "rtsps"])
    func `knows networks by their scheme`(_ scheme: String) throws {
        let address = try InputAddress("\(scheme.uppercased())://host/path", frameRate: nil)
        #expect(address.url == "\(scheme)://host/path")
        #expect(address.isNetwork)
    }

    @Test func `takes a dash for stdin`() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let address = try InputAddress("-", frameRate: nil, standardInput: ends[0])
        #expect(address.pipe == .standardInput)
        #expect(!address.isNetwork)
    }

    @Test(arguments: ["missing.mp4", "no/such/folder/x.mp4", "with space.mkv", "ünï.mp4", "100%.mp4", "a:b.mp4"])
    func `names a missing file`(_ name: String) throws {
        let error = try mediaError { try InputAddress(name, frameRate: nil) }
        #expect(error.kind == .noInput)
        #expect(error.description == "\(name): No such file or directory")
    }

    @Test func `tells what to do with a folder`() throws {
        let folder = try TemporaryFolder()
        let error = try mediaError { try InputAddress(folder.path, frameRate: nil) }
        #expect(error.kind == .noInput)
        #expect(error.description.hasPrefix("\(folder.path): is a directory; name a file, or a pattern such as"))
    }

    @Test func `refuses an empty file`() throws {
        let folder = try TemporaryFolder()
        let empty = try folder.write([], to: "empty.mp4")
        let error = try mediaError { try InputAddress(empty, frameRate: nil) }
        #expect(error == MediaError(.badData, empty, "is an empty file"))
    }

    @Test(.enabled(if: geteuid() != 0, "root may read every file"))
    func `names a file that may not be read`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write([1], to: "secret.mp4")
        chmod(path, 0)
        let error = try mediaError { try InputAddress(path, frameRate: nil) }
        #expect(error == MediaError(.noInput, path, "Permission denied", reason: .unauthorized))
    }

    @Test func `tells patterns from names`() throws {
        #expect(try InputAddress("none/%04d.jpg", frameRate: nil).options["pattern_type"] == "sequence")
        let folder = try TemporaryFolder()
        try folder.write([1], to: "a.jpg")
        #expect(try InputAddress(folder.file("*.{jpg,png}"), frameRate: nil).options["pattern_type"] == "glob")
        let existing = try folder.write([1], to: "50%d [1]*.jpg")
        let address = try InputAddress(existing, frameRate: Rational(10, 1))
        #expect(address.url == "file:" + existing)
        #expect(address.options == ["pattern_type": "none", "framerate": "10/1"])
    }
}

@Suite struct AddressCredentialsTests {
    private func url(_ input: String, _ user: String, _ password: String) throws -> String {
        try InputAddress(input, frameRate: nil).url(with: Credentials(username: user, password: password), name: "x")
    }

    @Test(arguments: [
        ("rtsp://camera/a", "rtsp://viewer:s%40f%2Fe%3A%25@camera/a"),
        ("rtsp://camera:554/a@b?c=d@e", "rtsp://viewer:s%40f%2Fe%3A%25@camera:554/a@b?c=d@e"),
        ("rtsp://other:old@camera/a", "rtsp://viewer:s%40f%2Fe%3A%25@camera/a"),
        ("HTTP://[::1]:80", "http://viewer:s%40f%2Fe%3A%25@[::1]:80"),
    ])
    func `stand in the URL so that nothing in them is taken for a part of it`(_ input: String, _ expected: String)
        throws
    {
        #expect(try url(input, "viewer", "s@f/e:%") == expected)
    }

    @Test func `are refused where they would be lost`() throws {
        let long = String(repeating: "p", count: 120)
        #expect(try url("rtsp://camera/a", "viewer", long).contains(long))
        let error = try mediaError { try url("rtsp://camera/a", "viewer", long + "12") }
        #expect(error.reason == "unauthorized")
        #expect(!error.description.contains("ppp"))
        #expect(try mediaError { try url("-", "viewer", "secret") }.kind == .unsupported)
    }
}

@Suite struct CaptureDeviceTests {
    @Test func `knows cameras by the kernel's number`() {
        var information = stat()
        information.st_mode = S_IFCHR | 0o600
        information.st_rdev = 81 << 8 | 3
        #expect(CaptureDevice.isOne(information))
        information.st_rdev = 1 << 8 | 3
        #expect(!CaptureDevice.isOne(information))
        information = stat()
        information.st_mode = S_IFREG
        information.st_rdev = 81 << 8
        #expect(!CaptureDevice.isOne(information))
    }

    /// With libavdevice the demuxer is there; without, the error says what to install.
    @Test func `names what is missing`() throws {
        do throws(MediaError) {
            try CaptureDevice.load(for: "/dev/video0")
            #expect(av_find_input_format("video4linux2") != nil)
        } catch {
            #expect(error.kind == .unsupported)
            #expect(error.message.contains("install the package libavdevice\(avformat_version() >> 16)"))
        }
    }

    private static let mayMakeDevices: Bool = {
        let path = NSTemporaryDirectory() + "lookout-camera-\(getpid())"
        defer { unlink(path) }
        return mknod(path, S_IFCHR | 0o600, 81 << 8 | 255) == 0
    }()

    /// Of a device that no driver answers for.
    @Test(.enabled(if: mayMakeDevices, "only root may make devices")) func `opens a camera as one`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("camera")
        try #require(mknod(path, S_IFCHR | 0o600, 81 << 8 | 255) == 0)
        let address = try InputAddress(path, frameRate: Rational(10, 1))
        #expect(address.isCamera && !address.isNetwork)
        #expect(address.format == "video4linux2" && address.url == path)
        #expect(address.options == ["framerate": "10/1"])
        let error = try mediaError { try Demuxer(path) }
        #expect([.noInput, .unsupported].contains(error.kind))
        #expect(error.subject == path)
    }
}

@Suite(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct InputNameTests {
    @Test(arguments: [
        "a:b.mp4", "http:x.mp4", "100%.mp4", "%03d.mp4", "two words.mp4", "Ünï 録画.mp4", "[1]*?.mp4", "-x.mp4",
        "q'\".mp4",
    ])
    func `opens a file of any name`(_ name: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Clip.h264MP4.bytes(), to: name)
        #expect(try ReadVideo(path).frames.count == 15)
    }

    @Test(arguments: ["%03d.jpg", "[1]*?.png", "a:b.jpg"])
    func `opens a still of any name`(_ name: String) throws {
        let folder = try TemporaryFolder()
        let clip = name.hasSuffix("png") ? Clip.png : .still
        #expect(try ReadVideo(folder.write(clip.bytes(), to: name)).frames.count == 1)
    }

    @Test(arguments: [("shot%03d.jpg", 0), ("shot%03d.jpg", 1200), ("shot*.jpg", 0), ("shot[0-9]??.jpg", 0)])
    func `reads image sequences at the rate asked for`(_ pattern: String, _ first: Int) throws {
        let folder = try TemporaryFolder()
        let still = try Clip.still.bytes()
        for number in first..<first + 4 {
            try folder.write(still, to: "shot" + String(format: "%03d", number) + ".jpg")
        }
        var options = Demuxer.Options()
        options.frameRate = Rational(10, 1)
        let video = try ReadVideo(folder.file(pattern), options: options)
        #expect(video.frames.count == 4)
        #expect(zip(video.seconds, [0, 0.1, 0.2, 0.3]).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test(arguments: ["none%03d.jpg", "none*.jpg"])
    func `says that no picture fits a pattern`(_ pattern: String) throws {
        let folder = try TemporaryFolder()
        let error = try mediaError { try ReadVideo(folder.file(pattern)) }
        #expect(error.kind == .noInput)
        #expect(error.description == "\(folder.file(pattern)): no file fits this pattern")
    }
}
