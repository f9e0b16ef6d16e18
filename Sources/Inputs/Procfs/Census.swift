import Series

/// Something that is found by listing directories.
protocol CensusMember: AnyObject {
  /// What its metrics are named by, unlike all others'.
  var name: String { get }
}

/// What there is of a kind, counted anew once a minute: between two counts nothing is listed.
///
/// A member that is still there is kept, one that is gone is forgotten, and the next one that
/// comes starts anew.
struct Census<Member: CensusMember> {
  private static var period: Duration { .seconds(60) }

  /// Those that came first, first.
  private(set) var members: [Member] = []

  private let subject: String
  private let maximum: Int
  private var paths: [String] = []
  private var lastCount: Duration?
  private var toldOfMaximum = false

  /// - Parameters:
  ///   - subject: what is counted, in words.
  ///   - maximum: how many are kept; the others are left out with one notice.
  init(_ subject: String, maximum: Int) {
    self.subject = subject
    self.maximum = maximum
  }

  /// Whether it is time to count again.
  func isDue(_ tick: ProcfsTick) -> Bool {
    lastCount.map { tick.instant < $0 || tick.instant - $0 >= Census.period } ?? true
  }

  /// Takes what was found at `found`; `make` turns a new path into a member, or nil if it is not
  /// wanted. It gets what finds a name that no member has, as `stem`, `stem_2`, ... before a suffix.
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
    // Those that are there stay, so that a table that is full does not change with every count.
    for path in found.filter({ kept[$0] != nil }) + found.filter({ kept[$0] == nil }) {
      let known = kept[path]
      guard let member = known ?? make(path, { Census.free($0, $1, taken) }) else { continue }
      guard members.count < maximum else {
        tellOfMaximum(member, tick)
        break
      }
      taken.insert(member.name)
      paths.append(path)
      members.append(member)
    }
  }

  /// `stem` and `suffix`, or where that is taken the first of `stem_2`, `stem_3`, ... that is not.
  private static func free(_ stem: String, _ suffix: String, _ taken: Set<String>) -> String {
    guard taken.contains(stem + suffix) else { return stem + suffix }
    var number = 2
    while taken.contains("\(stem)_\(number)\(suffix)") { number += 1 }
    return "\(stem)_\(number)\(suffix)"
  }

  private mutating func tellOfMaximum(_ member: Member, _ tick: ProcfsTick) {
    guard !toldOfMaximum else { return }
    toldOfMaximum = true
    tick.tell(
      .warning,
      "expected at most \(maximum) \(subject) to watch, found more, the first of them "
        + "\(member.name); those are not watched"
    )
  }
}
