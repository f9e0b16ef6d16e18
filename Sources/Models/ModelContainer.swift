import Series

/// The structure common to all model files: magic, version, length, checksum, then the content,
/// whose first word is the kind.
enum ModelContainer {
  /// The first bytes of every model.
  private static let magic = Array("anomodel".utf8)
  /// Magic, version, length of the content, checksum of the content.
  private static let headerLength = 8 + 4 + 8 + 4

  /// A file with the content written by `body`.
  static func bytes(
    capacity: Int, _ body: (inout StateEncoder) throws(StateDecodingError) -> Void
  ) -> [UInt8] {
    let content = StateEncoder.bytes(capacity: capacity, body)
    var writer = ByteWriter(capacity: content.count + headerLength)
    writer.write(raw: magic)
    writer.write(TrainedModel.formatVersion)
    writer.write(UInt64(content.count))
    writer.write(CRC32C.checksum(of: content))
    writer.write(raw: content)
    return writer.bytes
  }

  /// The content of a file, and the version of its format.
  static func content(
    of bytes: [UInt8]
  ) throws(TrainedModel.FileError) -> (bytes: [UInt8], version: UInt32) {
    guard bytes.starts(with: magic) else { throw .noModel }
    var reader = ByteReader(Array(bytes.dropFirst(magic.count)))
    let (version, length, checksum): (UInt32, UInt64, UInt32)
    do {
      version = try reader.readUInt32()
      guard TrainedModel.readableVersions.contains(version) else {
        throw TrainedModel.FileError.otherVersion(version)
      }
      length = try reader.readUInt64()
      checksum = try reader.readUInt32()
    } catch let error as TrainedModel.FileError {
      throw error
    } catch {
      throw .otherLength(found: bytes.count, expected: headerLength)
    }
    guard length == UInt64(reader.remaining) else {
      let expected = Int(clamping: length).addingReportingOverflow(headerLength)
      throw .otherLength(
        found: bytes.count, expected: expected.overflow ? Int.max : expected.partialValue)
    }
    let content = Array(bytes[headerLength...])
    guard CRC32C.checksum(of: content) == checksum else { throw .checksum }
    return (content, version)
  }

  /// The kind of model in a content; nil if it cannot be read.
  static func kind(of content: [UInt8]) -> String? {
    var kind: String?
    try? StateDecoder.decode(content) {
      (coder: inout StateDecoder) throws(StateDecodingError) in
      var words: [String] = []
      try coder.code(&words, maximum: 8, longest: 1000)
      kind = words.first
    }
    return kind
  }
}
