import Foundation

/// A pseudo terminal: what a program shows when it is not only writing to a file.
final class Terminal {
    struct Failure: Error {}

    /// TIOCSPTLCK and TIOCGPTN: macros that Swift cannot import, as the functions around them.
    private static let (setLock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)

    private let master: Int32
    /// For the program.
    let slave: FileHandle

    init(columns: UInt16 = 80) throws {
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (locked, number): (Int32, Int32) = (0, 0)
        guard master >= 0, ioctl(master, Self.setLock, &locked) == 0, ioctl(master, Self.getNumber, &number) == 0
        else { throw Failure() }
        let descriptor = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure() }
        var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        guard ioctl(descriptor, UInt(TIOCSWINSZ), &size) == 0 else { throw Failure() }
        slave = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    deinit { close(master) }

    /// After the program has it: its end is then the end of what `read` gives.
    func closeSlave() { slave.closeFile() }

    /// Waits until something is shown.
    func readSome() -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(master, &buffer, buffer.count)
        return String(decoding: buffer[..<max(count, 0)], as: UTF8.self)
    }

    /// All that is shown until the program ends.
    func readToEnd() -> String {
        var shown: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(master, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            // EIO: nobody has the other side open any more.
            if count <= 0 { return String(decoding: shown, as: UTF8.self) }
            shown += buffer[..<count]
        }
    }
}
