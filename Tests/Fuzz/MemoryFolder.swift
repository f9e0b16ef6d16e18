import FoundationEssentials
import Glibc

nonisolated(unsafe) private var folders: [String] = []

/// Makes a directory in memory, which is removed when the process exits.
func makeMemoryFolder(_ name: String) -> String {
  let path = "/dev/shm/anomalyd-fuzz-\(name)-\(getpid())"
  guard mkdir(path, 0o700) == 0 else { fatalError("cannot make \(path)") }
  if folders.isEmpty {
    atexit { for path in folders { try? FileManager.default.removeItem(atPath: path) } }
  }
  folders.append(path)
  return path
}

/// Removes all files of a directory in memory but one, so that no execution depends on those before it.
func emptyMemoryFolder(_ path: String, except kept: String) {
  guard let stream = opendir(path) else { return }
  defer { closedir(stream) }
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != kept { unlink("\(path)/\(name)") }
  }
}
