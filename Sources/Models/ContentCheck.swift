import Darknet
import NIOCore

/// How a file is known to be what it is called: by its size to the byte, and by what it says itself.
extension ModelFile {
    /// What the first bytes leave of the sizes that it can have.
    ///
    /// - Throws: `.badContent` for bytes with which no such file begins.
    func byteCounts(beginning bytes: [UInt8]) throws(ModelError) -> [Int] {
        guard bytes.first != UInt8(ascii: "<") else {
            throw ModelError(.badContent, "a web page came instead of \(name)")
        }
        guard case .weights = content, bytes.count >= 12 else { return byteCounts }
        func word(_ index: Int) -> Int32 {
            Int32(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[4 * index + $1]) << (8 * UInt32($1)) })
        }
        let header = WeightsHeader(major: word(0), minor: word(1), revision: word(2))
        // Text or an archive makes large numbers of its first letters.
        guard (0..<100).contains(header.major), (0..<100).contains(header.minor) else {
            throw ModelError(.badContent, "what came instead of \(name) does not begin as Darknet's weights do")
        }
        return [header.byteCount == 20 ? byteCounts[1] : byteCounts[0]]
    }

    /// - Throws: `.badContent`.
    func check(_ path: String) throws(ModelError) {
        do {
            switch content {
            case .weights(let network):
                guard let config = NetworkConfig.builtIn(network) else { return }
                try WeightsFile.checkSize(of: path, for: config)
            case .names(let lines): try check(path, lines: ClassNames(contentsOf: path).names.count, of: lines)
            case .tree(let lines): try check(path, lines: WordTree(contentsOf: path).count, of: lines)
            }
        } catch let error as ModelError {
            throw error
        } catch {
            throw ModelError(.badContent, "\(error)")
        }
    }

    private func check(_ path: String, lines: Int, of expected: Int) throws(ModelError) {
        guard lines == expected else {
            throw ModelError(.badContent, "\(path): has \(lines) lines; \(name) has \(expected)")
        }
    }

    /// `44948596 or 44948600`.
    var expectedBytes: String { byteCounts.map { "\($0)" }.joined(separator: " or ") }
}
