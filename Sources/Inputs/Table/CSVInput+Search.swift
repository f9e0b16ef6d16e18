import Glibc
import Series
import System

/// Which files are followed.
extension CSVInput {
  /// Drops files that are gone and adds those that have appeared, as far as the search gets in one
  /// poll.
  func search(at now: Timestamp) {
    if !searching.isUnderway {
      searchedAt = now
      retire()
      takeRestored()
      followPaths()
      guard !searching.isIdle, !isPausing(at: now) else { return }
      searching.begin()
    }
    searching.step { text in
      if problems.count(.cannotSearch, at: now) { problems.word(.cannotSearch, text) }
    }
    guard !searching.isUnderway else { return }
    foundAt = now
    let fresh = searching.found.subtracting(followers.map(\.path)).subtracting(rotatedNames)
    guard !fresh.isEmpty else { return }
    adopt(fresh.sorted(by: CSVInput.precedes), at: now)
  }

  /// Follows the files named without wildcards.
  private func followPaths() {
    // Without patterns, only these are followed.
    guard !searching.isIdle || followers.count < paths.count else { return }
    var known = Set(followers.map(\.path))
    for path in paths where known.insert(path).inserted {
      follow(path, isMatched: false, CSVFileFacts.named(path))
    }
  }

  /// Whether the last search was so long that the next one must wait.
  private func isPausing(at now: Timestamp) -> Bool {
    let excess = searching.names - CSVLimits.namesPerStep
    guard excess > 0, let foundAt else { return false }
    let elapsed = now.elapsed(since: foundAt)
    return elapsed >= .zero && elapsed < CSVLimits.pausePerName * excess
  }

  private func adopt(_ paths: [String], at now: Timestamp) {
    let all = Set(followers.map(\.path)).union(paths)
    var prefixes: [String: String] = [:]
    for follower in followers {
      prefixes[follower.table.metricPrefix(of: follower.path)] = follower.path
    }
    var identities = Set(followers.compactMap { $0.file?.identity })
    var refused = 0
    let limit = DescriptorLimit.current
    let room = followers.count { $0.file != nil } + max(0, limit.filesLeft)
    for path in paths {
      let (directory, name) = CSVSiblings.parts(of: path)
      let isRotated = CSVRotatedName.bases(of: name).contains { all.contains(directory + $0) }
      if isRotated, rotatedNames.count < CSVLimits.directoryEntries {
        rotatedNames.insert(path)
        continue
      }
      guard let facts = CSVFileFacts.named(path), facts.isRegular else { continue }
      // Another name of a file that is being read.
      if identities.contains(facts.identity) { continue }
      let prefix = table.metricPrefix(of: path)
      if let other = prefixes[prefix], !table.isOneSeries {
        complain(
          .sameName,
          "\(path): its metrics would be named \(prefix) like those of \(other); it is not read, "
            + "{directory} in Prefix= can distinguish them",
          at: now
        )
        continue
      }
      guard followers.count < min(table.maximumFiles, room) else {
        refused += 1
        continue
      }
      follow(path, isMatched: true, facts)
      identities.insert(facts.identity)
      prefixes[prefix] = path
    }
    guard refused > 0 else { return }
    complain(
      .tooManyFiles,
      "expected at most \(min(table.maximumFiles, room)) files "
        + (table.maximumFiles <= room ? "(MaximumFiles=)" : "(\(limit))")
        + ", found \(refused) more that match \(table.paths.joined(separator: " ")); they are not "
        + "read",
      at: now
    )
  }

  private func complain(_ problem: CSVProblem, _ text: @autoclosure () -> String, at now: Timestamp)
  {
    if problems.count(problem, at: now) { problems.word(problem, text()) }
  }

  private func follow(_ path: String, isMatched: Bool, _ facts: CSVFileFacts? = nil) {
    let follower = CSVFollower(
      path: path, table: table, isMatched: isMatched, since: startedAt)
    if let facts, let index = departed.firstIndex(where: { $0.place.identity == facts.identity }),
      let opened = try? CSVFileHandle(path: path),
      (try? departed[index].place.hasContent(of: opened)) == true
    {
      follower.saved = departed.remove(at: index)
    }
    insert(follower)
  }

  private func insert(_ follower: CSVFollower) {
    let place = followers.firstIndex { CSVInput.precedes(follower.path, $0.path) }
    followers.insert(follower, at: place ?? followers.count)
    rotatedNames.removeAll(keepingCapacity: true)
  }

  // MARK: Files of the last run

  /// Resumes the files of the last run, including those that no longer have a name: rotation may
  /// have left unread rows in them.
  private func takeRestored() {
    guard !restored.files.isEmpty || !restored.departed.isEmpty else { return }
    departed = restored.departed
    for position in restored.files {
      guard patterns.contains(where: { $0.matches(position.path) }) else {
        departed.append(position)
        continue
      }
      let isMatched = !patterns.contains { $0.path == position.path }
      let follower = CSVFollower(path: position.path, table: table, isMatched: isMatched)
      follower.saved = position
      insert(follower)
    }
    restored = CSVInputPosition()
    departed = departed.suffix(CSVLimits.departed)
  }

  /// Drops files that are gone, and remembers their read positions.
  private func retire() {
    for follower in followers {
      if !follower.departures.isEmpty {
        departed += follower.departures.map {
          CSVPosition(path: follower.path, place: $0, signature: 0)
        }
        follower.departures = []
      }
      guard follower.isGone else { continue }
      var health = follower.health
      health.lagBytes = nil
      retired.add(health)
      for notice in follower.decoder.problems.drain() { problems.pass(notice) }
    }
    if followers.contains(where: \.isGone) { followers.removeAll { $0.isGone } }
    if departed.count > CSVLimits.departed { departed = departed.suffix(CSVLimits.departed) }
  }

  // MARK: Order

  /// Whether a path sorts before another: numbers compare as numbers, so that `pump-9` precedes
  /// `pump-10`.
  static func precedes(_ one: String, _ other: String) -> Bool {
    var left = Array(one.utf8)[...]
    var right = Array(other.utf8)[...]
    while let mine = left.first, let others = right.first {
      if isDigit(mine), isDigit(others) {
        let first = takeNumber(&left)
        let second = takeNumber(&right)
        if first.count != second.count { return first.count < second.count }
        if first != second { return first.lexicographicallyPrecedes(second) }
      } else {
        if mine != others { return mine < others }
        left.removeFirst()
        right.removeFirst()
      }
    }
    // Names that differ only in leading zeros are ordered too.
    return left.isEmpty == right.isEmpty ? one < other : left.isEmpty
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func takeNumber(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let digits = bytes.prefix(while: isDigit)
    bytes = bytes[digits.endIndex...]
    return digits.drop { $0 == 0x30 }
  }
}
