import Support

/// A new directory, removed with its contents, for the socket of a test.
package final class Folder {
  private let scratch = Scratch()

  package init() {}

  package var path: String { scratch.path }

  /// The path of a test's socket.
  package var socket: String { scratch.file("s") }
}
