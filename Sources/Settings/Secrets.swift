import Foundation
import Media
import Streams

/// A token or password. Never shown: the description is a placeholder.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    public let value: String

    public init(_ value: String) { self.value = value }

    public var description: String { "***" }
    public var debugDescription: String { "***" }
}

/// The three keys, one of which names a secret: by a file, a variable of the environment, or a credential of systemd.
struct SecretReference: Sendable {
    let file: Key
    let env: Key
    let credential: Key

    var keys: [Key] { [file, env, credential] }
    /// `password_file, password_env or password_credential`.
    var names: String { "\(file.rawValue), \(env.rawValue) or \(credential.rawValue)" }

    static let token = SecretReference(file: .tokenFile, env: .tokenEnv, credential: .tokenCredential)
    static let camera = SecretReference(file: .passwordFile, env: .passwordEnv, credential: .passwordCredential)
    static let video = SecretReference(
        file: .videoPasswordFile, env: .videoPasswordEnv, credential: .videoPasswordCredential)
}

/// Finds the secrets that a configuration names.
struct Secrets {
    let paths: Paths
    let environment: [String: String]
    private static let limit = 4096

    /// `nil` where none is named, or where that failed and is noted.
    func secret(_ reference: SecretReference, of section: Section) -> Secret? {
        let keys = reference.keys.filter(section.has)
        guard let key = keys.first else { return nil }
        guard keys.count == 1 else {
            let names = keys.map(\.rawValue).joined(separator: " and ")
            for other in keys.dropFirst() { section.fail(other, "\(names) name the same secret; keep one of them") }
            return nil
        }
        guard let name = section.text(key) else { return nil }
        switch key {
        case reference.file: return read(paths.resolve(name), key, of: section, warns: true)
        case reference.env:
            // Who mistook the key for the password's own shall not find it in a log.
            guard isVariableName(name) else {
                section.fail(
                    key,
                    "\(key.rawValue) is no name of an environment variable; expected one such as \(key.example)")
                return nil
            }
            guard let value = environment[name] else {
                let looksLikeName = name.allSatisfy { $0 == "_" || $0.isASCII && ($0.isUppercase || $0.isNumber) }
                section.fail(
                    key, "\(key.rawValue): the environment has no such variable\(looksLikeName ? " " + name : "")")
                return nil
            }
            return checked(value, key, of: section)
        default:
            guard !name.contains("/"), name != ".", name != ".." else {
                section.fail(key, "\(key.rawValue) is a path; expected a credential's name, such as \(key.example)")
                return nil
            }
            guard let folder = environment["CREDENTIALS_DIRECTORY"], !folder.isEmpty else {
                section.fail(
                    key,
                    "\(key.rawValue): CREDENTIALS_DIRECTORY is not set; systemd sets it for a unit with "
                        + "LoadCredential=NAME:FILE")
                return nil
            }
            return read(Paths(folder: folder).resolve(name), key, of: section, warns: false)
        }
    }

    private func isVariableName(_ name: String) -> Bool {
        name.first?.isNumber == false
            && name.allSatisfy { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
    }

    /// User and password, which need each other.
    func credentials(_ user: Key, _ reference: SecretReference, of section: Section) -> Credentials? {
        let secret = secret(reference, of: section)
        let username = section.text(user)
        if section.has(user), !reference.keys.contains(where: section.has) {
            section.fail(user, "\(user.rawValue) has no password; name it with \(reference.names)")
        }
        if !section.has(user), let key = reference.keys.first(where: section.has) {
            section.fail(key, "\(key.rawValue) has no user; give \(user.rawValue)")
        }
        guard let username, let secret else { return nil }
        return Credentials(username: username, password: secret.value)
    }

    private func read(_ path: String, _ key: Key, of section: Section, warns: Bool) -> Secret? {
        do {
            let file = try SmallFile(path, limit: Self.limit)
            if warns && file.isOpenToAll {
                section.warn(key, "\(key.rawValue): everybody may read \(path); chmod o= \(path) keeps it secret")
            }
            guard var text = String(validating: file.bytes, as: UTF8.self) else {
                section.fail(key, "\(key.rawValue): \(path) is not UTF-8 text")
                return nil
            }
            while text.last?.isNewline == true { text.removeLast() }
            return checked(text, key, of: section)
        } catch {
            section.fail(key, "\(key.rawValue): \(path): \(error.message)")
            return nil
        }
    }

    private func checked(_ value: String, _ key: Key, of section: Section) -> Secret? {
        guard !value.isEmpty, !value.hasControlCharacters else {
            section.fail(
                key, "\(key.rawValue) names a secret that \(value.isEmpty ? "is empty" : "holds control characters")")
            return nil
        }
        return Secret(value)
    }
}
