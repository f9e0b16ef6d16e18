import FoundationEssentials

/// One reader of bytes from outside, which must return whatever it is given, and keep its promises.
struct FuzzTarget: Sendable {
  /// Its name on the command line.
  let name: String
  /// Real input, from which libFuzzer makes its own.
  let seeds: [[UInt8]]
  /// The longest input that is tried.
  let maximumBytes: Int
  /// Reads one input; traps where a promise is broken.
  let run: @Sendable ([UInt8]) -> Void

  init(
    _ name: String,
    maximumBytes: Int = 512,
    seeds: [[UInt8]],
    run: @escaping @Sendable ([UInt8]) -> Void
  ) {
    self.name = name
    self.seeds = seeds
    self.maximumBytes = maximumBytes
    self.run = run
  }

  /// The same, with texts for seeds.
  init(
    _ name: String,
    maximumBytes: Int = 512,
    texts: [String],
    run: @escaping @Sendable ([UInt8]) -> Void
  ) {
    self.init(name, maximumBytes: maximumBytes, seeds: texts.map { Array($0.utf8) }, run: run)
  }

  /// All of them, in the order in which they are run.
  static let all: [FuzzTarget] =
    [csv, csvPosition, numbers, times, globs, rotatedNames, events, procfs, serial, socket]
    + [socketPosition, settings, calls, replies, frames, checkpoint, track, symbols, record]
    + [
      recordStep, silences, ledgers, tornLine, labels, calendar, zones, outbox, formats, arguments,
      models, modelDetector, monitor, portable,
    ]

  /// What earlier runs found worth keeping, and every input that once broke a promise:
  /// `Tests/Fuzz/Corpus/NAME` contains one a line, in base64; lines that begin with `#` are remarks.
  var corpus: [[UInt8]] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "Corpus/\(name)")
    guard let text = try? Data(contentsOf: file) else { return [] }
    return text.split(separator: 0x0A).filter { $0.first != UInt8(ascii: "#") }.map { line in
      guard let input = Data(base64Encoded: Data(line)) else {
        fatalError("\(file.path) contains a line that is not base64")
      }
      return Array(input)
    }
  }

  /// The files of the fixtures of one kernel, each with a byte before it that chooses its parser.
  static func fixtures(_ kernel: String, _ files: [(UInt8, String)]) -> [[UInt8]] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/procfs/\(kernel)")
    return files.compactMap { choice, file in
      (try? Data(contentsOf: root.appending(path: file))).map { [choice] + Array($0) }
    }
  }
}
