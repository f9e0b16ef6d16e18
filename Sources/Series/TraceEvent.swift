/// Constraints on the id of a trace event, whatever its source.
public enum TraceEvent {
  /// The longest id in bytes of UTF-8.
  public static let longest = 64

  /// Whether bytes are a valid id: 1...``longest`` bytes of UTF-8 without control characters.
  public static func isValid(_ bytes: Span<UInt8>) -> Bool {
    guard !bytes.isEmpty, bytes.count <= longest else { return false }
    var isASCII = true
    for index in bytes.indices {
      let byte = bytes[index]
      if byte < 0x20 || byte == 0x7F { return false }
      isASCII = isASCII && byte < 0x80
    }
    if isASCII { return true }
    return bytes.withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) != nil }
  }

  /// FNV-1a (Fowler, Noll, Vo 1991), mixed once more so that short texts spread over all bits;
  /// compares ids and threads without creating strings.
  public static func hash(_ bytes: Span<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for index in bytes.indices {
      hash = (hash ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01B3
    }
    hash = (hash ^ (hash >> 32)) &* 0xD6E8_FEB8_6659_FD93
    return hash ^ (hash >> 32)
  }
}
