public import System

/// Why a state directory could not be used, or its state not restored.
public enum StoreError: Error, Equatable, CustomStringConvertible {
  /// A system call failed.
  case system(FileError)
  /// Another process has locked the state directory; its process id if known.
  case inUse(path: String, processID: Int32?)
  /// A checkpoint is not usable.
  case damaged(path: String, CheckpointDamage)
  /// Neither the newest checkpoint nor the previous one is usable.
  case nothingUsable(newest: CheckpointFault, previous: CheckpointFault)

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .system(let error): error.description
    case .inUse(let path, let processID):
      "\(path) is in use by another anomalyd"
        + (processID.map { " (process \($0))" } ?? "")
        + "; each needs its own state directory"
    case .damaged(let path, let damage): "\(path): \(damage)"
    case .nothingUsable(let newest, let previous):
      "no checkpoint is usable; the newest: \(newest); the previous one: \(previous)"
    }
  }
}

/// Why one of the two checkpoints was unusable.
public enum CheckpointFault: Equatable, Sendable, CustomStringConvertible {
  /// It does not exist.
  case missing
  /// A system call on it failed.
  case unreadable(operation: String, errno: Errno)
  /// It is damaged.
  case damaged(CheckpointDamage)

  /// What is wrong.
  public var description: String {
    switch self {
    case .missing: "no checkpoint"
    case .unreadable(let operation, let errno): "\(operation) failed: \(errno)"
    case .damaged(let damage): damage.description
    }
  }
}

/// What is wrong with the bytes of a checkpoint. Offsets are from the beginning of the file.
public enum CheckpointDamage: Error, Equatable, CustomStringConvertible {
  /// A part of the file, as named in messages.
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

  /// The file ends in the middle of a part.
  case truncated(section: Section, offset: Int, expectedBytes: Int, availableBytes: Int)
  /// The file does not begin like a checkpoint.
  case notACheckpoint(found: [UInt8])
  /// The file has another format version.
  case unsupportedVersion(found: UInt32, supported: UInt32)
  /// A part's checksum does not match.
  case checksumMismatch(section: Section, offset: Int, expected: UInt32, found: UInt32)
  /// A record claims to be larger than any valid one.
  case recordTooLarge(offset: Int, bytes: Int, maximumBytes: Int)
  /// A record's name is not UTF-8.
  case invalidName(offset: Int)
  /// The number of records is not the number written.
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
      "expected format version \(supported), found \(found); kept as "
        + CheckpointFormat.name(ofVersion: found)
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

/// The outcome of a call; its error as a ``StoreError``.
func stored<Outcome: ~Copyable>(
  _ call: @autoclosure () throws(FileError) -> Outcome
) throws(StoreError) -> Outcome {
  do throws(FileError) {
    return try call()
  } catch {
    throw .system(error)
  }
}
