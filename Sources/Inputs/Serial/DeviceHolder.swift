import Glibc

/// A process that has a device open.
struct DeviceHolder: Equatable, CustomStringConvertible {
  /// Its id.
  let pid: Int
  /// The name of its program, up to 15 bytes.
  let program: String

  /// `anomalyd (pid 123)`.
  var description: String { "\(program) (pid \(pid))" }

  /// Another process that has the device at `path` open; nil if there is none, or none that this
  /// process may inspect (those of other users are hidden from all but root).
  static func find(_ path: String) -> DeviceHolder? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    let device = String(cString: real)
    let own = Int(getpid())
    return entries(of: "/proc").lazy.compactMap { Int($0) }
      .first { $0 != own && hasOpen($0, device) }
      .map { DeviceHolder(pid: $0, program: program(of: $0)) }
  }

  /// Compares link targets: accessing the files themselves could wait for a dead server.
  private static func hasOpen(_ pid: Int, _ device: String) -> Bool {
    let folder = "/proc/\(pid)/fd"
    return entries(of: folder).contains { name in
      var target = [CChar](repeating: 0, count: 512)
      let count = readlink("\(folder)/\(name)", &target, target.count)
      guard count > 0 else { return false }
      let bytes = target.prefix(count).map { UInt8(truncatingIfNeeded: $0) }
      return String(decoding: bytes, as: UTF8.self) == device
    }
  }

  private static func program(of pid: Int) -> String {
    guard let file = fopen("/proc/\(pid)/comm", "re") else { return "a program" }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 64)
    guard fgets(&line, Int32(line.count), file) != nil else { return "a program" }
    let bytes = line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(truncatingIfNeeded: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func entries(of folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }
}
