/// A key that was pressed in ``TopCommand``'s full screen.
package enum TopKey: Equatable, Sendable {
  case up, down, pageUp, pageDown, home, end
  case enter, escape, backspace
  /// A character that can be typed, space included.
  case character(Character)
}

/// Decodes keys from the bytes that a terminal sends.
///
/// A key may arrive in pieces, over a slow line even within an escape sequence; a lone escape can
/// be distinguished from the beginning of a sequence only by the pause after it.
package struct TopKeyDecoder: Sendable {
  private var pending: [UInt8] = []

  package init() {}

  /// Whether an escape waits for the rest of its sequence.
  package var isWaiting: Bool { !pending.isEmpty }

  /// The keys that these bytes complete.
  package mutating func decode(_ bytes: some Sequence<UInt8>) -> [TopKey] {
    pending += bytes
    var keys: [TopKey] = []
    while let (key, length) = TopKeyDecoder.first(in: pending) {
      pending.removeFirst(length)
      if let key { keys.append(key) }
    }
    return keys
  }

  /// The keys of the bytes so far, if nothing follows them.
  package mutating func flush() -> [TopKey] {
    defer { pending = [] }
    return pending.first == 0x1B ? [.escape] : []
  }

  /// The first key, nil for a meaningless sequence, and its number of bytes; nil if more bytes are
  /// needed.
  private static func first(in bytes: [UInt8]) -> (TopKey?, Int)? {
    guard let first = bytes.first else { return nil }
    switch first {
    case 0x1B: return escapeSequence(in: bytes)
    case 0x0D, 0x0A: return (.enter, 1)
    case 0x7F, 0x08: return (.backspace, 1)
    case 0x20..<0x7F: return (.character(Character(UnicodeScalar(first))), 1)
    case 0xC2...0xF4:
      let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
      guard bytes.count >= length else { return nil }
      let text = String(validating: bytes[..<length], as: UTF8.self)
      return (text.flatMap(\.first).map { .character($0) }, text == nil ? 1 : length)
    default: return (nil, 1)
    }
  }

  /// `ESC [ parameters final` and `ESC O final`, as xterm, VT220, tmux and the Linux console send them.
  private static func escapeSequence(in bytes: [UInt8]) -> (TopKey?, Int)? {
    guard bytes.count >= 2 else { return nil }
    guard bytes[1] == UInt8(ascii: "[") || bytes[1] == UInt8(ascii: "O") else {
      return (.escape, 1)
    }
    guard let end = bytes[2...].firstIndex(where: { (0x40...0x7E).contains($0) }) else {
      // Longer than any key's: not a sequence.
      return bytes.count > 16 ? (nil, bytes.count) : nil
    }
    let key: TopKey? =
      switch (bytes[end], bytes[2..<end].first) {
      case (UInt8(ascii: "A"), _): .up
      case (UInt8(ascii: "B"), _): .down
      case (UInt8(ascii: "H"), _): .home
      case (UInt8(ascii: "F"), _): .end
      case (UInt8(ascii: "~"), UInt8(ascii: "1")), (UInt8(ascii: "~"), UInt8(ascii: "7")): .home
      case (UInt8(ascii: "~"), UInt8(ascii: "4")), (UInt8(ascii: "~"), UInt8(ascii: "8")): .end
      case (UInt8(ascii: "~"), UInt8(ascii: "5")): .pageUp
      case (UInt8(ascii: "~"), UInt8(ascii: "6")): .pageDown
      default: nil
      }
    return (key, end + 1)
  }
}
