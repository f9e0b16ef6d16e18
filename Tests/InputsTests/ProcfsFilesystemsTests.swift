import Inputs
import Series
import Testing

private func mounts(_ text: String) -> ([Mount], Complaints) {
  var complaints = Complaints()
  let result = Array(text.utf8).withUnsafeBytes { MountTable.parse($0, &complaints) }
  return (result, complaints)
}

@Suite struct ProcfsFilesystemsTests {
  private let root = "31 1 8:1 / / rw - ext4 /dev/sda1 rw\n"

  @Test func `measures a filesystem as df does`() throws {
    let host = try FakeHost("linux-6.1")
    let values = host.poll(host.input(["filesystem"]))
    expectNear(values, "filesystem./.used_ratio", 600.0 / 900)
    expectNear(values, "filesystem./.available_bytes", 300 * 4096)
    expectNear(values, "filesystem./.inodes_used_ratio", 0.25)
    expectNear(values, "filesystem./.read_only", 0)
    #expect(values.count == 4)
  }

  @Test(arguments: [
    ("linux-3.10", ["/", "/boot"]), ("linux-4.19", ["/"]),
    ("linux-5.15", ["/", "/home", "/media/card one"]), ("linux-6.1", ["/"]),
  ])
  func `queries local disks, and nothing that could block`(kernel: String, paths: [String])
    throws
  {
    let host = try FakeHost(kernel)
    let input = host.input(["filesystem"])
    for _ in 0..<3 { host.poll(input) }
    #expect(host.askedFilesystems == Set(paths))
    #expect(input.health.malformed == 0)
  }

  @Test func `queries nothing below a dead server, even if configured to`() throws {
    let host = try FakeHost("linux-3.10")
    let input = host.input(["filesystem"]) { $0.filesystems = NameFilter(include: ["*"]) }
    host.poll(input)
    #expect(host.askedFilesystems == ["/", "/boot", "/run"])
  }

  @Test func `follows the configured patterns`() throws {
    let host = try FakeHost("linux-5.15")
    let input = host.input(["filesystem"]) {
      $0.filesystems = NameFilter(include: ["/run", "/home", "/mnt/*"], exclude: ["/h*"])
    }
    #expect(
      names(host.poll(input), "", "used_ratio")
        == ["filesystem./run.used_ratio", "filesystem./run.inodes_used_ratio"])
  }

  @Test func `follows mounts that come and go, and turn read-only`() throws {
    let host = try FakeHost("linux-6.1")
    let input = host.input(["filesystem"])
    #expect(host.poll(input).count == 4)
    let before = try host.read("proc/1/mountinfo")
    let more = before + "40 27 8:17 / /media/usb rw - ext4 /dev/sdb1 rw\n"
    try host.write("proc/1/mountinfo", more)
    #expect(host.poll(input)["filesystem./media/usb.read_only"] == 0)
    try host.write("proc/1/mountinfo", more.replacing("/dev/sdb1 rw", with: "/dev/sdb1 ro,x"))
    #expect(host.poll(input)["filesystem./media/usb.read_only"] == 1)
    try host.write("proc/1/mountinfo", before)
    #expect(host.poll(input).count == 4)
    try host.write("proc/1/mountinfo", more)
    #expect(host.poll(input).count == 8)
    #expect(host.sink.registry.count == 8)
    #expect(input.drainNotices().isEmpty)
  }

  @Test func `has no inode metrics if there are none, and none at all if the call fails`() throws {
    let host = try FakeHost("linux-6.1")
    host.filesystem?.inodes = 0
    #expect(host.poll(host.input(["filesystem"])).count == 3)
    host.filesystem = nil
    #expect(host.poll(host.input(["filesystem"])).isEmpty)
  }

  @Test func `monitors no more filesystems than the limit, and reports it once`() throws {
    let host = try FakeHost(nil)
    let disks = (0..<9).map { "4\($0) 31 8:2\($0) / /disk\($0) rw - ext4 /dev/sdb\($0) rw\n" }
    try host.write("proc/1/mountinfo", root + disks.joined())
    let input = host.input(["filesystem"]) { $0.maximumDevices = 3 }
    #expect(host.poll(input).count == 12)
    try host.write("proc/1/mountinfo", root + disks.dropFirst().joined())
    #expect(host.poll(input).count == 12)
    #expect(input.drainNotices().map(\.severity) == [.warning])
  }

  @Test(arguments: [
    "40 31 8:2 / /a rw - nfs server:/ rw\n41 40 8:3 / /a/b rw - ext4 /dev/sdc rw\n",
    "40 31 8:2 / /a rw - ext4 /dev/sdb rw\n41 31 0:9 / /a rw - cifs //nas/a rw\n",
    "40 31 8:2 / /a/b rw - ext4 /dev/sdb rw\n41 31 0:9 / /a rw - fuse.sshfs x rw\n",
    "40 31 8:2 / /a rw - autofs systemd-1 rw\n41 40 8:3 / /a rw - ext4 /dev/sdc rw\n",
    "40 31 8:2 / /a/\u{301}b rw - ext4 /dev/sdb rw\n41 31 0:9 / /a rw - fuse.sshfs x rw\n",
    "40 31 8:2 / /a rw - fuseblk /dev/sdb rw\n", "40 31 8:2 / /a rw - newfs /dev/sdb rw\n",
  ])
  func `rejects mounts whose path crosses another program's filesystem`(text: String) {
    let (found, complaints) = mounts(root + text)
    #expect(found.map(\.point) == ["/"])
    #expect(complaints.count == 0)
  }

  @Test func `uses the shortest path of several mounts of one filesystem`() {
    let (found, _) = mounts(
      root + "40 31 8:2 /x /srv/deep rw - xfs /dev/sdb rw\n41 31 8:2 / /srv ro - xfs /dev/sdb rw\n"
    )
    #expect(found.map(\.point) == ["/", "/srv"])
    #expect(found.last?.isReadOnly == false, "the mount is, the filesystem is not")
  }

  @Test(arguments: [
    "garbage\n", "40 31 8:2 / /a rw ext4 /dev/sdb rw\n", "40 31 8:2 / a rw - ext4 /dev/sdb rw\n",
    "x 31 8:2 / /a rw - ext4 /dev/sdb rw\n", "40 31 8:2 / /a rw - ext4\n", "\n",
    "40 31 82 / /a rw - ext4 /dev/sdb rw\n", "40 31 8:2 / /a rw - ext4 /dev/sdb rw",
  ])
  func `skips a malformed mount, and keeps the others`(line: String) {
    let (found, complaints) = mounts(root + line)
    #expect(found.map(\.point) == ["/"])
    #expect(complaints.count == 1)
  }

  @Test func `survives mounts that are each other's parents`() {
    let loop = "1 2 8:1 / /a rw - ext4 /dev/a rw\n2 1 8:2 / /b rw - ext4 /dev/b rw\n"
    #expect(mounts(loop).0.isEmpty)
    #expect(mounts("7 7 8:1 / / rw - ext4 /dev/a rw\n").0.map(\.point) == ["/"])
  }
}
