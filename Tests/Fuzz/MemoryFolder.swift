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
