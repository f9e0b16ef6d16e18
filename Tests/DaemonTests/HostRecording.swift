import Support

/// What the collectors read of a host, second by second, as recorded by
/// `Tests/EndToEnd/recorder.py`.
struct HostRecording {
  /// A file's text without its numbers.
  struct Template: Equatable {
    /// The text before each number, and after the last.
    var pieces: [Substring]
    /// Whether each number is a counter since boot.
    var isCounter: [Bool]
  }

  /// A number as the kernel printed it.
  struct Number: Equatable {
    var count = 0
    /// Of a level.
    var text: Substring = ""
  }

  /// A file at one second.
  struct Content: Equatable {
    /// Its place in ``HostRecording/templates``.
    var template: Int
    var numbers: [Number]
  }

  /// Paths below the root, by file.
  private(set) var paths: [String] = []
  private(set) var templates: [Template] = []
  /// The files that exist at each second.
  private(set) var seconds: [[Int: Content]] = []
  /// The seconds of each phase, with the calm that follows it.
  private(set) var phases: [(name: String, seconds: Range<Int>)] = []

  struct Damage: Error {
    var line: Substring
  }

  /// Reads a recording that gzip has compressed.
  init(path: String) throws {
    let text = try Child("gzip", ["-dc", path]).output()
    var now: [Int: Content] = [:]
    var defining: (file: Int, lines: [Substring])?
    for line in text.split(separator: "\n") {
      if line.first == "|" {
        defining?.lines.append(line.dropFirst())
        continue
      }
      let words = line.split(separator: " ")
      switch words[0] {
      case "F":
        guard let file = Int(words[1]) else { throw Damage(line: line) }
        while paths.count <= file { paths.append("") }
        paths[file] = String(words[2])
        defining = (file, [])
      case "V":
        guard let (file, lines) = defining else { throw Damage(line: line) }
        let template = Template(lines.joined(separator: "\n") + "\n")
        templates.append(template)
        let numbers = zip(words.dropFirst(2), template.isCounter).map { word, isCounter in
          isCounter ? Number(count: Int(word) ?? 0) : Number(text: word)
        }
        now[file] = Content(template: templates.count - 1, numbers: numbers)
      case "D": now[Int(words[1]) ?? -1] = nil
      case "P":
        if let last = phases.indices.last {
          phases[last].seconds = phases[last].seconds.lowerBound..<seconds.count
        }
        if words[1] != "end" { phases.append((String(words[1]), seconds.count..<seconds.count)) }
      case "T": seconds.append(now)
      default:
        guard let file = Int(words[0]), var content = now[file] else { throw Damage(line: line) }
        for change in words.dropFirst() {
          let parts = change.split(separator: ":")
          guard let place = Int(parts[0]) else { throw Damage(line: line) }
          if templates[content.template].isCounter[place] {
            content.numbers[place].count += Int(parts[1]) ?? 0
          } else {
            content.numbers[place].text = parts[1]
          }
        }
        now[file] = content
      }
    }
    // The calm after a phase belongs to it.
    for place in phases.indices {
      let end = place + 1 < phases.count ? phases[place + 1].seconds.lowerBound : seconds.count
      phases[place].seconds = phases[place].seconds.lowerBound..<end
    }
  }

  /// The seconds of a phase; empty if there is none of that name.
  func seconds(of phase: String) -> Range<Int> {
    phases.first { $0.name == phase }?.seconds ?? 0..<0
  }
}

extension HostRecording.Template {
  fileprivate init(_ text: String) {
    var rest = text[...]
    pieces = []
    isCounter = []
    while let brace = rest.firstIndex(of: "{") {
      pieces.append(rest[..<brace])
      isCounter.append(rest[rest.index(after: brace)] == "c")
      rest = rest[rest.index(brace, offsetBy: 3)...]
    }
    pieces.append(rest)
  }

  /// The text with its numbers.
  func text(_ numbers: [HostRecording.Number], _ counts: [Int]) -> String {
    var text = ""
    for (place, number) in numbers.enumerated() {
      text += pieces[place]
      text += isCounter[place] ? String(counts[place]) : String(number.text)
    }
    return text + (pieces.last ?? "")
  }
}
