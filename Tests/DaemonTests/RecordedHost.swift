import FoundationEssentials
import Glibc
import Inputs
import Series
import Support

/// A host in a directory on which a recording is played: in any order, with counters that continue.
final class RecordedHost {
  let recording: HostRecording
  /// The directory that holds `proc` and `sys`.
  let root = Scratch()
  private(set) var awake = Duration.seconds(1000)
  private(set) var now = Timestamp(seconds: 1_795_996_800)

  private var shown: [Int: HostRecording.Content] = [:]
  /// The present values of each file's counters.
  private var counts: [Int: [Int]] = [:]
  private var written: [Int: Int] = [:]
  private var files: [Int: Int32] = [:]

  init(_ recording: HostRecording) { self.recording = recording }

  deinit { for file in files.values { close(file) } }

  /// One second passes, as in the recording.
  func pass(_ second: Int) {
    awake += .seconds(1)
    now = now.advanced(by: .seconds(1))
    let after = recording.seconds[second]
    let before = second > 0 ? recording.seconds[second - 1] : [:]
    for file in shown.keys where after[file] == nil {
      shown[file] = nil
      counts[file] = nil
    }
    for (file, content) in after {
      let old = before[file].flatMap { $0.template == content.template ? $0.numbers : nil }
      let present = counts[file].flatMap { $0.count == content.numbers.count ? $0 : nil }
      counts[file] = content.numbers.indices.map { place in
        let number = content.numbers[place].count
        // A new entry has counted from zero.
        guard let present else { return number }
        return present[place] + (old.map { number - $0[place].count } ?? 0)
      }
      shown[file] = content
    }
  }

  /// The kernel reboots: all its counters start at zero.
  func reboot() {
    for (file, numbers) in counts { counts[file] = numbers.map { _ in 0 } }
  }

  /// Shows the present second to readers of the files.
  func show() throws {
    for file in files.keys where shown[file] == nil { try remove(file) }
    for (file, content) in shown where !recording.paths[file].hasPrefix("statvfs") {
      let template = recording.templates[content.template]
      let text = template.text(content.numbers, counts[file] ?? [])
      var hash = Hasher()
      hash.combine(text)
      let mark = hash.finalize()
      if written[file] != mark { try write(text, to: file) }
      written[file] = mark
    }
  }

  private func write(_ text: String, to file: Int) throws {
    let path = root.file(recording.paths[file])
    if files[file] == nil {
      try FileManager.default.createDirectory(
        at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
      files[file] = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    }
    guard let descriptor = files[file] else { return }
    // In place, as the kernel does: open descriptors see the new text.
    let bytes = Array(text.utf8)
    _ = pwrite(descriptor, bytes, bytes.count, 0)
    ftruncate(descriptor, off_t(bytes.count))
  }

  /// A control group is removed with its files.
  private func remove(_ file: Int) throws {
    if let descriptor = files.removeValue(forKey: file) { close(descriptor) }
    written[file] = nil
    let path = root.file(recording.paths[file])
    unlink(path)
    rmdir(URL(filePath: path).deletingLastPathComponent().path)
  }

  /// The result of statvfs(3), and a correct clock.
  var calls: HostCalls {
    HostCalls(
      filesystemUse: { [unowned self] in use(String(cString: $0)) },
      clockState: {
        ClockState(
          offsetSeconds: 0, maximumErrorSeconds: 0.01, frequencyPPM: 0, isSynchronised: true)
      })
  }

  private func use(_ path: String) -> FilesystemUse? {
    let place = "statvfs" + path.dropFirst(root.path.count)
    guard let file = recording.paths.firstIndex(of: place), let content = shown[file] else {
      return nil
    }
    let numbers = content.numbers.map { UInt64($0.text) ?? 0 }
    guard numbers.count == 6 else { return nil }
    return FilesystemUse(
      blockBytes: numbers[0], blocks: numbers[1], free: numbers[2], available: numbers[3],
      inodes: numbers[4], freeInodes: numbers[5])
  }
}
