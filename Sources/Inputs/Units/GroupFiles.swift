import CSystemd
internal import Glibc
internal import System

/// The files in which the kernel accounts for the resources that each control group of a host uses.
///
/// Version 2 has one hierarchy for all controllers. With version 1, alone or beside version 2 (a hybrid
/// hierarchy), each controller has its own, and a group has the same path in those that account for it. The
/// kernel's Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/.
struct GroupFiles {
  /// Where the directories of all groups are.
  private let root: String
  /// Above the hierarchies of version 1; nil where version 2 has all controllers.
  private let legacy: String?

  /// The control groups of the host below a directory; nil if it has none.
  init?(rootPath: String) {
    let base = (rootPath == "/" ? "" : rootPath) + "/sys/fs/cgroup"
    func exists(_ path: String) -> Bool { access(base + path, F_OK) == 0 }
    if exists("/cgroup.controllers") {
      (root, legacy) = (base, nil)
    } else if exists("/unified/cgroup.controllers") {
      (root, legacy) = (base + "/unified", base)
    } else if let named = ["/systemd", "/cpuacct"].first(where: { exists($0 + "/cgroup.procs") }) {
      (root, legacy) = (base + named, base)
    } else {
      return nil
    }
  }

  /// Whether there are groups below a group; nil if it has gone.
  /// - Parameter path: below the root of the hierarchy, such as `/system.slice`; empty for the root.
  func hasGroups(below path: String) -> Bool? {
    var facts = stat()
    guard stat(root + path, &facts) == 0 else { return nil }
    // A directory of the kernel has two links, and one for each directory below.
    return facts.st_nlink != 2
  }

  /// The names of the groups directly below a group.
  func groups(below path: String) -> [String] { DirectoryListing.directories(in: root + path) }

  /// The usage of a group; nil for resources that are not accounted.
  func usage(of path: String) -> UnitUsage {
    var usage = UnitUsage()
    usage.cpu = cpu(of: path)
    if let io = io(of: path) {
      usage.read = Double(io.read)
      usage.written = Double(io.written)
    }
    // The root has all of the host's memory.
    usage.memory = path.isEmpty ? nil : memory(of: path)
    return usage
  }

  private func cpu(of path: String) -> Double? {
    if let time = contents(root + path + "/cpu.stat", KeyedReading<GroupCPUKey>()) {
      return time[.usage].map { Double($0) * 1e-6 }
    }
    let time = legacy.flatMap {
      contents($0 + "/cpuacct" + path + "/cpuacct.usage", NumbersReading())
    }
    return time?[0].map { Double($0) * 1e-9 }
  }

  private func memory(of path: String) -> Double? {
    let bytes =
      contents(root + path + "/memory.current", NumbersReading())
      ?? legacy.flatMap {
        contents($0 + "/memory" + path + "/memory.usage_in_bytes", NumbersReading())
      }
    return bytes?[0].map { Double($0) }
  }

  private func io(of path: String) -> (read: UInt64, written: UInt64)? {
    if let io = contents(root + path + "/io.stat", GroupIO()) {
      return (io.counters[0], io.counters[1])
    }
    guard let served = legacy.map({ $0 + "/blkio" + path + "/blkio.throttle.io_service_bytes" })
    else { return nil }
    // Older kernels lack the first file and count each group without those below it.
    return (contents(served + "_recursive", ServedBytes()) ?? contents(served, ServedBytes()))
      .map { ($0.read, $0.written) }
  }

  /// The contents of a small file; nil if it does not exist, as for groups without the controller.
  private func contents<Contents: ProcfsReading>(_ path: String, _ empty: Contents) -> Contents? {
    guard let file = try? Descriptor(opening: path, O_RDONLY) else { return nil }
    return withUnsafeTemporaryAllocation(byteCount: 8192, alignment: 8) { buffer in
      guard let start = buffer.baseAddress else { return nil }
      let count = Glibc.read(file.number, start, buffer.count)
      guard count >= 0 else { return nil }
      var contents = empty
      var complaints = Complaints()
      contents.parse(UnsafeRawBufferPointer(rebasing: buffer[..<count]), &complaints)
      return contents
    }
  }
}

/// blkio.throttle.io_service_bytes of a version 1 control group, summed over its devices.
struct ServedBytes: ProcfsReading {
  /// Bytes read.
  private(set) var read: UInt64 = 0
  /// Bytes written.
  private(set) var written: UInt64 = 0

  mutating func parse(_ bytes: UnsafeRawBufferPointer, _ complaints: inout Complaints) {
    (read, written) = (0, 0)
    var lines = TextLines(bytes)
    while let line = lines.next(&complaints) {
      var fields = TextFields(line)
      // The last line, "Total 0", is that of all devices and kinds.
      guard fields.next() != nil, let kind = fields.next(), let count = fields.next()?.unsigned
      else { continue }
      if kind.equals("Read") { read &+= count }
      if kind.equals("Write") { written &+= count }
    }
  }
}
