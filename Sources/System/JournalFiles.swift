import CSystemd
import Glibc

/// Entries of the journal files in a directory, such as those collected from other hosts by
/// systemd-journal-remote.
package struct JournalFiles: ~Copyable {
  private let journal: OpaquePointer

  /// Opens the files in `directory`, and in subdirectories named after machine ids.
  package init(directory: String) throws(Errno) {
    var journal: OpaquePointer?
    let result = sd_journal_open_directory(&journal, directory, 0)
    guard result >= 0, let journal else { throw Errno(-result) }
    self.journal = journal
    // Otherwise fields are truncated at 64 kB.
    sd_journal_set_data_threshold(journal, 0)
  }

  deinit { sd_journal_close(journal) }

  /// Restricts ``forEach(_:)`` to entries in which `name` has one of `values`.
  package borrowing func match(_ name: String, _ values: [String]) throws(Errno) {
    for value in values {
      let result = sd_journal_add_match(journal, "\(name)=\(value)", 0)
      guard result >= 0 else { throw Errno(-result) }
    }
  }

  /// Calls `body` for each entry, oldest first.
  package borrowing func forEach(_ body: (borrowing Entry) -> Void) throws(Errno) {
    var result = sd_journal_seek_head(journal)
    while result >= 0 {
      result = sd_journal_next(journal)
      if result == 0 { return }
      if result > 0 { body(Entry(journal: journal)) }
    }
    throw Errno(-result)
  }

  /// The current entry of ``forEach(_:)``.
  package struct Entry: ~Copyable {
    fileprivate let journal: OpaquePointer

    /// The value of a field, the first of several; nil if there is none, or if it cannot be read.
    package borrowing func field(_ name: String) -> String? {
      var data: UnsafeRawPointer?
      var count = 0
      guard sd_journal_get_data(journal, name, &data, &count) >= 0, let data else { return nil }
      let bytes = UnsafeRawBufferPointer(start: data, count: count).dropFirst(name.utf8.count + 1)
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}
