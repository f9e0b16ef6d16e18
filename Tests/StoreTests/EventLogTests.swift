import Glibc
import Series
import Support
import System
import Testing

@testable import Store

/// The payloads of a log, oldest first, and the notices of opening it.
private func open(
  _ scratch: Scratch, maximumBytes: Int = 1 << 20
) throws -> (log: EventLog, payloads: [[UInt8]], notices: [String], state: StateDirectory) {
  let state = try scratch.open()
  var payloads: [[UInt8]] = []
  let log = try EventLog(in: state, maximumBytes: maximumBytes) { payloads.append($0.payload) }
  return (log, payloads, log.drainNotices().map(\.text), state)
}

private func payload(_ number: Int) -> [UInt8] {
  (0..<(3 + number % 5)).map { UInt8(truncatingIfNeeded: number &* 31 &+ $0) }
}

private let segment = "events-0000000000000001"

@Suite struct EventLogTests {
  @Test func `returns its entries after a restart, in order`() throws {
    let scratch = Scratch()
    do {
      let opened = try open(scratch)
      for number in 0..<20 {
        #expect(opened.log.append(kind: 7, payload(number)) == UInt64(number + 1))
        if number % 3 == 0 { #expect(opened.log.commit(durably: true)) }
      }
      #expect(opened.log.commit(durably: false))
    }
    let again = try open(scratch)
    #expect(again.payloads == (0..<20).map(payload))
    #expect(again.notices == [])
    #expect(again.log.append(kind: 1, []) == 21)
  }

  @Test func `truncated at any byte, it keeps every entry before that and continues`() throws {
    let scratch = Scratch()
    let count = 6
    do {
      let opened = try open(scratch)
      for number in 0..<count { _ = opened.log.append(kind: 1, payload(number)) }
      opened.log.commit(durably: true)
    }
    let whole = try scratch.read(segment)
    var ends: [Int] = [28]
    for number in 0..<count { ends.append(ends[number] + 20 + payload(number).count) }
    #expect(ends.last == whole.count)
    for cut in 0...whole.count {
      for name in scratch.names where name != "lock" { try scratch.remove(name) }
      try scratch.write(segment, Array(whole[..<cut]))
      let kept = max(0, (ends.lastIndex { $0 <= cut } ?? 0))
      do {
        let opened = try open(scratch)
        #expect(opened.payloads == (0..<kept).map(payload), "cut at \(cut)")
        #expect(opened.notices.isEmpty == ends.contains(cut), "cut at \(cut)")
        _ = opened.log.append(kind: 1, [99])
        #expect(opened.log.commit(durably: true))
      }
      let again = try open(scratch)
      #expect(again.payloads == (0..<kept).map(payload) + [[99]], "cut at \(cut)")
      #expect(again.notices == [], "cut at \(cut)")
    }
  }

  @Test(arguments: [0, 1, 8, 16, 27])
  func `cut within its header, a segment is reported and kept aside`(bytes: Int) throws {
    let scratch = Scratch()
    do {
      let opened = try open(scratch)
      for number in 0..<3 { _ = opened.log.append(kind: 1, payload(number)) }
      opened.log.commit(durably: true)
    }
    let rest = Array(try scratch.read(segment).prefix(bytes))
    try scratch.write(segment, rest)
    do {
      let opened = try open(scratch)
      #expect(opened.payloads == [])
      #expect(opened.notices.count == 1)
      #expect(opened.notices.first?.contains("found \(bytes) bytes") == true)
      #expect(try scratch.read(segment + ".damaged") == rest)
      _ = opened.log.append(kind: 1, [99])
      #expect(opened.log.commit(durably: true))
    }
    let again = try open(scratch)
    #expect(again.payloads == [[99]])
    #expect(again.notices == [])
  }

  @Test func `a damaged byte loses one entry at most, and is reported`() throws {
    let scratch = Scratch()
    let all = (0..<6).map(payload)
    do {
      let opened = try open(scratch)
      for payload in all { _ = opened.log.append(kind: 1, payload) }
      opened.log.commit(durably: true)
    }
    let whole = try scratch.read(segment)
    for index in whole.indices {
      for mask in [UInt8(0xFF), 1, 0x80] {
        var bytes = whole
        bytes[index] ^= mask
        try scratch.write(segment, bytes)
        let opened = try open(scratch)
        let lost = all.filter { !opened.payloads.contains($0) }
        #expect(lost.count == (index < 28 ? 0 : 1), "byte \(index)")
        #expect(opened.payloads == all.filter { !lost.contains($0) }, "byte \(index)")
        #expect(opened.notices.count == lost.count, "byte \(index)")
        // Read one by one, it is the same.
        var read: [[UInt8]] = []
        var place = opened.log.start
        while let entry = opened.log.nextEntry(from: place) {
          read.append(entry.payload)
          place = entry.next
        }
        #expect(read == opened.payloads)
      }
    }
  }

  @Test func `other bytes at its end are truncated`() throws {
    for garbage in [[UInt8](repeating: 0, count: 5000), Array("anything\n".utf8)] {
      let scratch = Scratch()
      do {
        let opened = try open(scratch)
        _ = opened.log.append(kind: 1, [5])
        opened.log.commit(durably: true)
      }
      let whole = try scratch.read(segment)
      try scratch.write(segment, whole + garbage)
      do {
        let opened = try open(scratch)
        #expect(opened.payloads == [[5]])
        #expect(opened.notices.count == 1)
        #expect(opened.notices[0].contains("found \(garbage.count) bytes of an incomplete"))
      }
      #expect(try scratch.read(segment) == whole)
    }
  }

  @Test func `the largest number is neither an entry's nor a segment's`() throws {
    let scratch = Scratch()
    _ = try scratch.open()
    let entries = [1, .max, 2].map { (sequence: UInt64) in
      EventLogFormat.entry(kind: 1, sequence: sequence, payload: [UInt8(sequence & 0xFF)])
    }
    try scratch.write(segment, EventLogFormat.header(first: 1) + entries.joined())
    try scratch.write("events-ffffffffffffffff", [1])
    let opened = try open(scratch)
    #expect(opened.payloads == [[1], [2]])
    var place = opened.log.start
    var read: [UInt64] = []
    while let entry = opened.log.nextEntry(from: place) {
      read.append(entry.sequence)
      place = entry.next
    }
    #expect(read == [1, 2])
    #expect(opened.log.append(kind: 1, []) == 3)
  }

  @Test func `a log of another version is left as it is`() throws {
    let scratch = Scratch()
    do {
      let opened = try open(scratch)
      _ = opened.log.append(kind: 1, [5])
      opened.log.commit(durably: true)
    }
    var header = Array(try scratch.read(segment)[..<24])
    header[8] = 9
    let sum = CRC32C.checksum(of: header)
    header += (0..<4).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) }
    try scratch.write(segment, header + [1, 2, 3])
    do {
      let opened = try open(scratch)
      #expect(opened.payloads == [])
      #expect(opened.notices.count == 1)
      #expect(
        opened.notices[0].contains("expected an event history of format version 1, found 9"))
      _ = opened.log.append(kind: 1, [6])
      #expect(opened.log.commit(durably: true))
    }
    #expect(try scratch.read(segment) == header + [1, 2, 3])
    #expect(try open(scratch).payloads == [[6]])
  }

  @Test func `grows no larger than allowed once the oldest segments are removed`() throws {
    let scratch = Scratch()
    let limit = 64 << 10
    do {
      let opened = try open(scratch, maximumBytes: limit)
      for number in 0..<2_000 {
        _ = opened.log.append(kind: 1, [UInt8](repeating: UInt8(number & 255), count: 100))
        opened.log.commit(durably: false)
        while let oldest = opened.log.tooOld { opened.log.remove(segment: oldest) }
        #expect(opened.log.bytes <= limit)
      }
      let progress = opened.log.takeProgress()
      #expect(progress.written.map(\.sequence) == Array(1...2_000))
      #expect(progress.written.last.flatMap { opened.log.entry(at: $0.place) }?.sequence == 2_000)
      #expect(opened.log.entry(at: progress.written[0].place) == nil)
      #expect(opened.log.nextEntry(from: progress.written[0].place)?.sequence ?? 0 > 1_000)
    }
    let again = try open(scratch, maximumBytes: limit)
    #expect(again.payloads.count > 300)
    #expect(again.log.append(kind: 1, []) == 2_001)
  }

  @Test(.enabled(if: Needs.mounting.isMet, "\(Needs.mounting)"))
  func `while the disk is full, entries wait, and are written afterwards`() throws {
    let scratch = Scratch()
    mkdir(scratch.path, 0o700)
    #expect(mount("tmpfs", scratch.path, "tmpfs", 0, "size=32k") == 0)
    defer { umount2(scratch.path, Int32(MNT_DETACH)) }
    let block = [UInt8](repeating: 1, count: 3000)
    do {
      let opened = try open(scratch)
      for _ in 0..<21 {
        _ = opened.log.append(kind: 1, block)
        opened.log.commit(durably: true)
      }
      #expect((1..<21).contains(opened.log.waiting))
      #expect(opened.log.lastError?.description.contains("No space left on device") == true)
      #expect(opened.log.waiting(21) == block)
      #expect(mount("tmpfs", scratch.path, "tmpfs", UInt(MS_REMOUNT), "size=1m") == 0)
      #expect(opened.log.commit(durably: true))
      #expect(opened.log.waiting == 0)
      #expect(opened.log.lastError == nil)
      #expect(opened.log.drainNotices().isEmpty)
    }
    let again = try open(scratch)
    #expect(again.payloads == Array(repeating: block, count: 21))
    #expect(again.notices == [])
  }

  @Test(.enabled(if: Needs.mounting.isMet, "\(Needs.mounting)"))
  func `space is reserved for the entries that come while the disk is full`() throws {
    let scratch = Scratch()
    mkdir(scratch.path, 0o700)
    #expect(mount("tmpfs", scratch.path, "tmpfs", 0, "size=256k") == 0)
    defer { umount2(scratch.path, Int32(MNT_DETACH)) }
    // Segments of 16 kB, at least a quarter of which is reserved.
    let limit = 128 << 10
    let block = [UInt8](repeating: 1, count: 480)
    func append(_ count: Int, to log: EventLog) {
      for _ in 0..<count {
        _ = log.append(kind: 1, block)
        log.commit(durably: true)
      }
    }
    do { append(30, to: try open(scratch, maximumBytes: limit).log) }
    do {
      let log = try open(scratch, maximumBytes: limit).log
      fill(scratch.path + "/filler")
      append(8, to: log)
      #expect(log.waiting == 0 && log.lastError == nil, "also beyond the usual end of a segment")
      append(20, to: log)
      #expect(log.waiting > 0 && log.lastError != nil)
      try scratch.remove("filler")
      append(42, to: log)
      #expect(log.waiting == 0 && log.lastError == nil)
    }
    let segments = scratch.names.filter { $0.hasPrefix("events-") }
    #expect(segments.count == 3)
    for segment in segments.dropLast() {
      var facts = stat()
      #expect(stat(scratch.path + "/" + segment, &facts) == 0)
      #expect(facts.st_blocks * 512 - facts.st_size < 4_096, "what was not used is free again")
    }
    #expect(try open(scratch, maximumBytes: limit).payloads.count == 100)
  }

  /// Writes a file until the disk is full.
  private func fill(_ path: String) {
    let file = Glibc.open(path, O_WRONLY | O_CREAT, 0o600)
    defer { close(file) }
    let page = [UInt8](repeating: 0, count: 4_096)
    while write(file, page, page.count) > 0 {}
  }

  @Test func `entries beyond the queue's limit are dropped, oldest first, and counted`() throws {
    let scratch = Scratch()
    let state = try scratch.open()
    var limits = EventLog.QueueLimits()
    limits.entries = 5
    let log = try EventLog(in: state, maximumBytes: 1 << 20, limits: limits) { _ in }
    for number in 0..<12 { _ = log.append(kind: 1, [UInt8(number)]) }
    #expect(log.dropped == 7)
    #expect(log.takeProgress().givenUp == Array(1...7))
    #expect(log.drainNotices().count == 1)
    #expect(log.waiting(7) == nil)
    #expect(log.waiting(8) == [7])
    #expect(log.commit(durably: true))
    #expect(log.nextEntry(from: log.start)?.sequence == 8)
  }
}
