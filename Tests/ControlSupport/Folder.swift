import Support

/// A new folder of its own, removed with what it holds, in which the socket of a test lies.
package final class Folder {
  private let scratch = Scratch()

  package init() {}

  package var path: String { scratch.path }

  /// Where the socket of a test lies.
  package var socket: String { scratch.file("s") }
}
