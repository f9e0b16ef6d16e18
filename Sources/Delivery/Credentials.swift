import Glibc
import System

/// The secrets that systemd passes to a service (systemd.exec(5), LoadCredential=).
public struct Credentials: Sendable {
  private let directory: String?
  private static let maximumBytes = 1 << 16

  /// Those in `directory`; nil if the service has none.
  public init(directory: String?) {
    self.directory = directory
  }

  /// The path of a credential.
  public func path(_ name: String) throws(EndpointProblem) -> String {
    guard let directory else {
      throw EndpointProblem(
        "expected credential \(name), found none: add LoadCredential=\(name):PATH to a drop-in of "
          + "anomalyd-webhook.service")
    }
    let path = directory + "/" + name
    guard access(path, R_OK) == 0 else {
      throw EndpointProblem(
        "the credential \(path) cannot be read: \(Errno.last); add "
          + "LoadCredential=\(name):PATH to a drop-in of anomalyd-webhook.service")
    }
    return path
  }

  /// The text of a credential, without trailing white space.
  public func text(_ name: String) throws(EndpointProblem) -> String {
    let path = try path(name)
    let bytes: [UInt8]
    do throws(Errno) {
      bytes = try Descriptor(opening: path, O_RDONLY).readAll(atMost: Credentials.maximumBytes)
    } catch {
      throw EndpointProblem("\(path) cannot be read: \(error)")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw EndpointProblem("\(path): expected text, found other bytes")
    }
    guard let last = text.lastIndex(where: { !$0.isWhitespace }) else {
      throw EndpointProblem("\(path): expected a secret, found nothing")
    }
    return String(text[...last])
  }

  /// The text of a one-line credential that is used in an address or a header.
  public func line(_ name: String) throws(EndpointProblem) -> String {
    let text = try headerValue(name)
    guard !text.utf8.contains(0x20) else {
      throw EndpointProblem(
        "the credential \(name): expected one line of printable ASCII without spaces, found "
          + "something else")
    }
    return text
  }

  /// The text of a credential that is the value of a header, such as `GenieKey` and a key.
  public func headerValue(_ name: String) throws(EndpointProblem) -> String {
    let text = try text(name)
    guard text.unicodeScalars.allSatisfy({ (0x20...0x7E).contains($0.value) }) else {
      throw EndpointProblem(
        "the credential \(name): expected one line of printable ASCII, found something else")
    }
    return text
  }
}
