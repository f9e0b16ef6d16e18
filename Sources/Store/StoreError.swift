import Glibc

/// Why state could not be kept or restored.
public enum StoreError: Error, Equatable, CustomStringConvertible {
  /// The operating system refused: which call, on what, and the number of the error.
  case system(operation: String, path: String, errno: Int32)
  /// Another process has the state directory; its process id where it is known.
  case inUse(path: String, processID: Int32?)
  /// A checkpoint cannot be used.
  case damaged(path: String, CheckpointDamage)
  /// Neither the newest checkpoint nor the one before can be used.
  case nothingUsable(newest: CheckpointFault, previous: CheckpointFault)

  /// One sentence for a person.
  public var description: String {
    switch self {
    case .system(let operation, let path, let number):
      "\(path): \(operation) failed: \(systemMessage(number))"
    case .inUse(let path, let processID):
      "\(path) is in use by another anomalyd"
        + (processID.map { " (process \($0))" } ?? "")
        + "; expected a state directory of its own for each"
    case .damaged(let path, let damage): "\(path): \(damage)"
    case .nothingUsable(let newest, let previous):
      "no checkpoint can be used; the newest: \(newest); the one before: \(previous)"
    }
  }
}

/// Why one of the two checkpoints could not be used.
public enum CheckpointFault: Equatable, Sendable, CustomStringConvertible {
  /// There is none.
  case missing
  /// The operating system did not give it: which call, and the number of the error.
  case unreadable(operation: String, errno: Int32)
  /// It is there and cannot be used.
  case damaged(CheckpointDamage)

  /// What is wrong.
  public var description: String {
    switch self {
    case .missing: "there is none"
    case .unreadable(let operation, let number):
      "\(operation) failed: \(systemMessage(number))"
    case .damaged(let damage): damage.description
    }
  }
}

/// What is wrong with the bytes of a checkpoint. Offsets are from the beginning of the file.
public enum CheckpointDamage: Error, Equatable, CustomStringConvertible {
  /// A part of the file; the word used in messages.
  public enum Section: String, Sendable {
    /// Magic, version, time.
    case header
    /// Kind, lengths and name of a record.
    case recordHeader = "record header"
    /// The bytes of a record.
    case payload
    /// Count and checksum at the end.
    case end
  }

  /// The file ends in the middle.
  case truncated(section: Section, offset: Int, expectedBytes: Int, availableBytes: Int)
  /// The file does not begin as a checkpoint does.
  case notACheckpoint(found: [UInt8])
  /// The file is of another format version.
  case unsupportedVersion(found: UInt32, supported: UInt32)
  /// The bytes of a part are not those that were written.
  case checksumMismatch(section: Section, offset: Int, expected: UInt32, found: UInt32)
  /// A record says it is larger than any that is written.
  case recordTooLarge(offset: Int, bytes: Int, maximumBytes: Int)
  /// A record's name is not UTF-8.
  case invalidName(offset: Int)
  /// There are not as many records as were written.
  case wrongCount(expected: UInt64, found: UInt64)
  /// Something follows the end.
  case trailingBytes(offset: Int, count: Int)

  /// What was expected, and what was found.
  public var description: String {
    switch self {
    case .truncated(let section, let offset, let expected, let available):
      "expected \(expected) bytes of \(section.rawValue) at offset \(offset), found \(available)"
    case .notACheckpoint(let found): "expected a checkpoint, found a file that begins with \(found)"
    case .unsupportedVersion(let found, let supported):
      "expected format version \(supported), found \(found)"
    case .checksumMismatch(let section, let offset, let expected, let found):
      "expected checksum \(hex(expected)) of the \(section.rawValue) at offset \(offset), "
        + "found \(hex(found))"
    case .recordTooLarge(let offset, let bytes, let maximum):
      "expected a record of at most \(maximum) bytes at offset \(offset), found \(bytes)"
    case .invalidName(let offset): "expected a name in UTF-8 at offset \(offset)"
    case .wrongCount(let expected, let found): "expected \(expected) records, found \(found)"
    case .trailingBytes(let offset, let count):
      "expected the end at offset \(offset), found \(count) bytes more"
    }
  }
}

private func hex(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }

/// What the C library says about an error number.
private func systemMessage(_ number: Int32) -> String {
  strerror(number).map { String(cString: $0) } ?? "error \(number)"
}
