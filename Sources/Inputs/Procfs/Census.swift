import Series

/// Something that is discovered by listing directories.
protocol CensusMember: AnyObject {
  /// The part of its metrics' names that distinguishes it from all others.
  var name: String { get }
}

/// The members of a kind, discovered once a minute; nothing is listed in between.
///
/// A member that is still present is kept, a missing one is dropped, and one that returns starts
/// afresh.
struct Census<Member: CensusMember> {
  private static var period: Duration { .seconds(60) }

  /// In order of discovery.
  private(set) var members: [Member] = []

  private let subject: String
  private let maximum: Int
  private var paths: [String] = []
  private var lastCount: Duration?
  private var reportedMaximum = false

  /// - Parameters:
  ///   - subject: what is discovered, for messages.
  ///   - maximum: how many are kept; the others are left out with one notice.
  init(_ subject: String, maximum: Int) {
    self.subject = subject
    self.maximum = maximum
  }

  /// Whether another discovery is due.
  func isDue(_ tick: ProcfsTick) -> Bool {
    lastCount.map { tick.instant < $0 || tick.instant - $0 >= Census.period } ?? true
  }

  /// Updates the members from the paths `found`; `make` turns a new path into a member, or nil if
  /// it is not wanted. It is passed a function that makes a name unique among the members, as
  /// `stem`, `stem_2`, ... before a suffix.
  mutating func renew(
    _ found: [String],
    _ tick: ProcfsTick,
    make: (String, (_ stem: String, _ suffix: String) -> String) -> Member?
  ) {
    lastCount = tick.instant
    var kept: [String: Member] = [:]
    for (path, member) in zip(paths, members) { kept[path] = member }
    let present = Set(found)
    var taken = Set(zip(paths, members).filter { present.contains($0.0) }.map(\.1.name))
    paths = []
    members = []
    // Existing members stay, so that a full table does not change with every discovery.
    for path in found.filter({ kept[$0] != nil }) + found.filter({ kept[$0] == nil }) {
      let known = kept[path]
      guard let member = known ?? make(path, { Census.free($0, $1, taken) }) else { continue }
      guard members.count < maximum else {
        reportMaximum(member, tick)
        break
      }
      taken.insert(member.name)
      paths.append(path)
      members.append(member)
    }
  }

  /// `stem` and `suffix`, or if that is taken the first of `stem_2`, `stem_3`, ... that is not.
  private static func free(_ stem: String, _ suffix: String, _ taken: Set<String>) -> String {
    guard taken.contains(stem + suffix) else { return stem + suffix }
    var number = 2
    while taken.contains("\(stem)_\(number)\(suffix)") { number += 1 }
    return "\(stem)_\(number)\(suffix)"
  }

  private mutating func reportMaximum(_ member: Member, _ tick: ProcfsTick) {
    guard !reportedMaximum else { return }
    reportedMaximum = true
    tick.notify(
      .warning,
      "expected at most \(maximum) \(subject) to watch, found more, the first of them "
        + "\(member.name); those are not watched"
    )
  }
}
