import Glibc
import Series

@testable import Inputs

/// A file in memory that gives so many bytes at a time.
final class MemorySource: CSVByteSource {
  private let bytes: [UInt8]
  private let piece: Int

  init(_ bytes: [UInt8], piece: Int) {
    self.bytes = bytes
    self.piece = piece
  }

  func read(
    into target: UnsafeMutableRawBufferPointer, at offset: Int, after known: UnsafeRawBufferPointer
  ) throws(CSVFileError) -> Int? {
    bytes.withUnsafeBytes { bytes in
      promise(
        known.isEmpty
          || memcmp(known.baseAddress!, bytes.baseAddress! + offset - known.count, known.count)
            == 0,
        "what was read before is what is there")
      let count = min(bytes.count - offset, piece, target.count)
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
      return count
    }
  }
}

nonisolated(unsafe) private var scratch = CSVScratch()
private let now = Timestamp(seconds: 1_700_000_000)

/// Enough of a file to know its layout; short, since each input is read after it.
private let wellKnown = Array(
  ("time,a,b\n" + (0..<4).map { "\(1_699_999_900 + $0),\($0),-1.5\n" }.joined()).utf8)

/// What a file says.
private struct Outcome: Equatable {
  /// The time and the values of each row, and the number of malformed lines at the end: as bits, since
  /// texts would take most of the time.
  var words: [UInt64] = []
  /// Whether the columns became known from the first bytes, once for all: what a header in the middle
  /// says, and which line ends follow a lost layout, depends on the lines that are there by then.
  var layoutStays = false
}

/// - Parameter first: how many bytes come at once at the beginning.
private func outcome(_ bytes: [UInt8], first: Int, piece: Int, _ choice: UInt8) -> Outcome {
  var configuration = TableSection()
  configuration.header = [.automatic, .present, .absent, .automatic][Int(choice & 3)]
  if choice & 4 != 0 { configuration.delimiter = UInt8(ascii: ";") }
  if choice & 8 != 0 { configuration.timestampColumn = .none }
  if choice & 16 != 0 { configuration.values = .chosen([.position(2)]) }
  var decoder = CSVDecoder(path: "/x", table: configuration)
  decoder.attach(&scratch)
  defer { decoder.detach(&scratch) }
  let source = MemorySource(bytes, piece: max(first, piece))
  var result = Outcome()
  var isFinal = (try? decoder.fill(from: source, limit: first)) == 0
  var layoutsAtFirst: Int?
  while true {
    while decoder.next(now: now, isFinal: isFinal) == .row {
      result.words.append(UInt64(bitPattern: decoder.row.timestamp.nanoseconds))
      for value in decoder.row.values {
        result.words.append(value.isNaN ? .max : value.bitPattern)
      }
    }
    let layouts = decoder.layoutGeneration
    if isFinal {
      result.words.append(UInt64(decoder.problems.malformed))
      result.layoutStays = layouts == 1 && layoutsAtFirst == 1 && decoder.layout != nil
      return result
    }
    layoutsAtFirst = layoutsAtFirst ?? layouts
    isFinal = (try? decoder.fill(from: source, limit: piece)) == 0
  }
}

extension FuzzTarget {
  /// CSV: finding out the layout, and rows; the same in large pieces and in small ones, where the
  /// layout is known and stays.
  static let csv = FuzzTarget(
    "csv",
    texts: [
      "0timestamp,value\n2014-02-14 14:27:00,51.846\n2014-02-14 14:32:00,44.508\n",
      "0time;a;b\n1700000000;1,5;2\n1700000005;1,6;\n1700000010;x;NaN\n",
      "2" + "1,2,3\n4,5,6\n7,8\n\n\"9\",\"1\"\"0\",11\n",
      "1\u{FEFF}name\tt\n\"a\nb\"\t1e5\n#c\nname\tt\nz\t-2.5e-3\r\n",
      "8# comment\nt,x,y\n2024-01-01T00:00:00.123Z,1,2\n2024-01-01T00:00:01+02:00,3,4",
    ]
  ) { bytes in
    guard let choice = bytes.first else { return }
    guard choice & 32 != 0 else {
      _ = outcome(Array(bytes.dropFirst()), first: 1 << 16, piece: 1 << 16, choice)
      return
    }
    let file = wellKnown + bytes.dropFirst()
    let whole = outcome(file, first: wellKnown.count, piece: 1 << 16, choice)
    let pieces = outcome(file, first: wellKnown.count, piece: 7, choice)
    guard whole.layoutStays, pieces.layoutStays else { return }
    promise(whole == pieces, "the same rows: \(whole.words) \(pieces.words)")
  }

  /// A stored place in CSV files.
  static let csvPosition = FuzzTarget("csv-position", seeds: [[], [2, 0, 0, 0, 0, 0, 0, 0, 0]]) {
    bytes in
    guard let position = CSVInputPosition(decoding: bytes) else { return }
    let again = CSVInputPosition(decoding: position.encode())
    promise(position.encode().isEmpty || again == position, "a stored place reads back")
  }

  /// Numbers, against the library's.
  static let numbers = FuzzTarget(
    "numbers", maximumBytes: 64,
    texts: ["1", "-2.5", "1e300", "12345678901234567890.5e-7", "NaN", " 3 ", ".5", "5.", "+0x1"]
  ) { bytes in
    guard case .value(let value) = CSVNumber(bytes.span, 0..<bytes.count) else { return }
    let text = String(decoding: bytes, as: UTF8.self).filter { $0 != " " && $0 != "\t" }
    let other = strtod(text, nil)
    promise(value == other, "\(text) is \(other), not \(value)")
  }

  /// The moment that is written, local time taken for UTC.
  private static func instant(_ written: CSVWrittenTime) -> Timestamp {
    switch written {
    case .instant(let moment), .local(let moment): moment
    case .sinceStart(let elapsed): Timestamp(nanoseconds: elapsed)
    }
  }

  /// Time stamps in every form, and patterns for them.
  static let times = FuzzTarget(
    "times", maximumBytes: 128,
    texts: [
      "2024-02-29T23:59:60.123456789Z|%Y-%m-%dT%H:%M:%S",
      "2024-01-01 00:00:00+0530|%d.%m.%Y %H:%M:%S %z", "1700000000.5|%s", "20240101T000000|%j %y",
      "29 Feb 2024 3:04:05 PM|%d %b %Y %I:%M:%S %p", "1700000000000|%f",
    ]
  ) { bytes in
    let bar = bytes.firstIndex(of: UInt8(ascii: "|")) ?? bytes.count
    let text = 0..<bar
    var formats: [CSVTimestampFormat] = [
      .automatic, .iso8601, .dayFirst, .monthFirst, .epoch(.seconds), .epoch(.milliseconds),
      .epoch(.nanoseconds), .relative(.microseconds),
    ]
    let pattern = String(decoding: bytes[min(bar + 1, bytes.count)...], as: UTF8.self)
    if let pattern = try? CSVTimestampPattern(parsing: pattern) {
      formats.append(.pattern(pattern))
    }
    for format in formats {
      guard let written = format.parse(bytes.span, text) else { continue }
      let moment = instant(written)
      let text = Array(moment.iso8601.utf8)
      guard let again = CSVTimestampFormat.iso8601.parse(text.span, 0..<text.count).map(instant)
      else { return promise(false, "\(moment.iso8601) reads back") }
      promise(
        abs(again.nanoseconds / 1_000_000 - moment.nanoseconds / 1_000_000) <= 1,
        "\(moment.iso8601) reads back as the same moment")
    }
  }

  /// Names that rotation gives to a file.
  static let rotatedNames = FuzzTarget(
    "rotated-names", maximumBytes: 64,
    texts: [
      "pump.csv.1|pump.csv", "pump.csv-20260102|pump.csv.2.gz", "pump.1.csv|pump.csv",
      "pump-2026-01-02T03:04.csv.zst|pump.csv", "a-1|a", "x.99999999999999999999|x",
    ]
  ) { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    let halves = text.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
      .map(String.init)
    for base in CSVRotatedName.bases(of: halves[0]) {
      guard let one = CSVRotatedName(halves[0], of: base) else {
        return promise(false, "'\(halves[0])' is one of the files of '\(base)'")
      }
      guard let other = CSVRotatedName(halves[halves.count - 1], of: base) else { continue }
      promise(!(one.isOlder(than: other) && other.isOlder(than: one)), "one of two is older")
    }
    _ = CSVRotatedName(halves[0], of: halves[halves.count - 1])
  }

  /// Patterns of names.
  static let globs = FuzzTarget(
    "globs", maximumBytes: 128,
    texts: ["disk.*|disk.sda", "a?[b-d]*|axcz", "[!x]*[]]|y]", "*a*a*a*b|aaaaaaaaaaaaaaaa"]
  ) { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    let halves = text.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
    _ = CSVPathPattern("/" + text)?.matches("/a/b.csv")
    guard let glob = Glob(String(halves[0])) else { return }
    let name = String(halves.last ?? "")
    let matches = glob.matches(name)
    if !halves[0].utf8.contains(where: { "*?[]\\".utf8.contains($0) }) {
      let isSame = halves[0].unicodeScalars.elementsEqual(name.unicodeScalars)
      promise(matches == isSame, "a pattern without signs is itself")
    }
    if halves[0] == "*" { promise(matches, "* matches all") }
  }
}
