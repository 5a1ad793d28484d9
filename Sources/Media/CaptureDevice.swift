import CFFmpeg
import Glibc

/// Cameras of this machine (Video4Linux). Their demuxer is in libavdevice, which is loaded only when one is asked for: it
/// brings a desktop's libraries with it.
enum CaptureDevice {
    static let format = "video4linux2"
    /// The kernel's number for such devices, whatever their names.
    private static let major: UInt64 = 81

    static func isOne(_ information: stat) -> Bool {
        let device = UInt64(information.st_rdev)
        return information.st_mode & S_IFMT == S_IFCHR && (device >> 8) & 0xFFF | (device >> 32) & ~0xFFF == major
    }

    /// Makes libav know the demuxer.
    static func load(for name: String) throws(MediaError) {
        if loaded && av_find_input_format(format) != nil { return }
        throw MediaError(
            .unsupported, name,
            "is a camera of this machine, which needs libavdevice; install the package libavdevice\(version)")
    }

    /// libavdevice has the same major version as its libavformat.
    private static let version = avformat_version() >> 16

    private static let loaded: Bool = {
        // Stays loaded: libav keeps pointers into it.
        guard let library = dlopen("libavdevice.so.\(version)", RTLD_NOW),
            let register = dlsym(library, "avdevice_register_all")
        else { return false }
        unsafeBitCast(register, to: (@convention(c) () -> Void).self)()
        return true
    }()
}
