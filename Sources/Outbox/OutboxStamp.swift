import Glibc
public import Series
public import System

/// When a message was put into an outbox, by the clock that never steps: the time of day may be
/// changed before the message is sent.
///
/// It is the first member of the message's JSON object, which a program that does not know it ignores, and is
/// removed when the message is read.
struct OutboxStamp: Equatable {
  /// The boot that the clock counts from.
  let boot: String
  /// The time since then.
  let time: MonotonicTime

  /// The present boot of the machine; empty if the kernel does not provide it.
  static let currentBoot: String = {
    guard let file = try? Descriptor(opening: "/proc/sys/kernel/random/boot_id", O_RDONLY),
      let bytes = try? file.readAll(atMost: bootLength)
    else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }()

  /// The stamp of a time since the present boot.
  init(_ time: MonotonicTime) {
    boot = OutboxStamp.currentBoot
    self.time = time
  }

  private static let prefix = Array(#"{"_boot":""#.utf8)
  private static let suffix = Array("\",".utf8)
  /// The characters of a boot id.
  private static let bootLength = 36
  /// Maximum size of a stamp in bytes.
  static let maximumBytes = 80

  /// A message with the stamp; unchanged if it is not a JSON object with members, or there is no
  /// boot id.
  func added(to content: [UInt8]) -> [UInt8] {
    guard content.first == UInt8(ascii: "{"), content.count > 2,
      boot.utf8.count == OutboxStamp.bootLength
    else { return content }
    return OutboxStamp.prefix + Array("\(boot) \(time.nanoseconds)".utf8) + OutboxStamp.suffix
      + content.dropFirst()
  }

  /// Separates a message from its stamp.
  /// - Parameter content: the message, or its beginning.
  /// - Returns: nil for the stamp if the message has none.
  static func split(_ content: [UInt8]) -> (stamp: OutboxStamp?, message: [UInt8]) {
    guard content.starts(with: prefix) else { return (nil, content) }
    let text = content.dropFirst(prefix.count).prefix(maximumBytes)
    guard let end = text.firstIndex(of: UInt8(ascii: "\"")),
      content[end...].starts(with: suffix)
    else { return (nil, content) }
    let words = text[..<end].split(separator: 32)
    guard words.count == 2, words[0].count == bootLength,
      words[0].allSatisfy({
        $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
      }),
      let time = Int64(String(decoding: words[1], as: UTF8.self)), time >= 0
    else { return (nil, content) }
    let stamp = OutboxStamp(
      boot: String(decoding: words[0], as: UTF8.self), time: MonotonicTime(nanoseconds: time))
    return (stamp, [UInt8(ascii: "{")] + content[(end + suffix.count)...])
  }

  private init(boot: String, time: MonotonicTime) {
    self.boot = boot
    self.time = time
  }
}

extension OutboxFolder {
  /// How long ago a message was put into ``Part/new``; nil if it is gone.
  ///
  /// By the clock that never steps if the machine has not been rebooted since then, otherwise by the time
  /// of day.
  /// - Parameters:
  ///   - now: the time of day.
  ///   - time: the same on the clock that never steps.
  public func age(of entry: OutboxEntry, at now: Timestamp, _ time: MonotonicTime) -> Duration? {
    guard let facts = facts(entry) else { return nil }
    if let file = try? Descriptor(
      opening: folder(.new) + "/" + entry.fileName, O_RDONLY | O_NOFOLLOW | O_NONBLOCK),
      let head = try? file.readAll(atMost: OutboxStamp.maximumBytes + 16),
      let stamp = OutboxStamp.split(head).stamp, stamp.boot == OutboxStamp.currentBoot,
      time >= stamp.time
    {
      return time.elapsed(since: stamp.time)
    }
    return now.elapsed(since: facts.written)
  }
}
