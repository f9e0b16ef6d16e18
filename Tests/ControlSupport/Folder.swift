import Glibc

/// A new folder of its own under /tmp, removed with what it holds.
package final class Folder {
  package let path: String

  package init() {
    var template = Array("/tmp/anomalyd-test-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
  }

  /// Where the socket of a test lies.
  package var socket: String { path + "/s" }

  deinit {
    unlink(socket)
    rmdir(path)
  }
}
