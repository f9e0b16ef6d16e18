public import Series

/// How an event compares with earlier ones of the same metric: see
/// docs/adr/0036-recurring-events.md.
public struct Recurrence: Equatable, Sendable {
  /// How an event compares with the earlier ones that resemble it.
  public enum Standing: UInt8, NamedCase {
    /// It came at the usual time of such events: nothing new.
    case scheduled = 0
    /// Such events usually come at other times.
    case unscheduled = 1
    /// Events of its kind usually come at this time, but smaller ones.
    case higher = 2
    /// It came at the usual time of such events, but they ended sooner.
    case longer = 3
    /// Such events have come before, without a schedule.
    case unordered = 4
    /// It reports that a scheduled event did not come.
    case missed = 5
    /// The metric alarms more often than its own alarm budget allows.
    case excessive = 6

    /// The word used in events and files.
    public var name: String {
      switch self {
      case .scheduled: "scheduled"
      case .unscheduled: "unscheduled"
      case .higher: "higher"
      case .longer: "longer"
      case .unordered: "unordered"
      case .missed: "missed"
      case .excessive: "excessive"
      }
    }
  }

  /// How it compares.
  public var standing: Standing
  /// How many remembered events resemble it.
  public var earlier: Int
  /// When those usually begin; nil: no schedule.
  public var schedule: EventSchedule?
  /// The decimal logarithm of the largest size of those, in the metric's unit.
  var largest: Float
  /// How long the longest of those was, in minutes.
  var longestMinutes: UInt16

  /// A size more than this many decades above all earlier ones is ``Standing/higher``.
  static let tolerance: Float = 0.4

  /// An event beyond its metric's alarm budget.
  static let excessive = Recurrence(
    standing: .excessive, earlier: 0, schedule: nil, largest: 0, longestMinutes: 0)

  /// The maximum severity of an event of this standing, whatever it would be otherwise.
  ///
  /// Scheduled events are recorded and wake nobody. Events that have merely been seen before are
  /// warnings: on labelled web KPIs a third of the incidents resemble earlier ones.
  var mostSevere: Severity {
    switch standing {
    case .scheduled, .missed, .excessive: .info
    case .unordered: .warning
    case .unscheduled, .higher, .longer: .critical
    }
  }

  /// Compares the event again as it grows.
  mutating func follow(size: Float, lasting duration: Duration) {
    guard standing == .scheduled || standing == .unordered else { return }
    let usual = Duration.seconds(60 * Int(longestMinutes))
    if size > largest + Recurrence.tolerance {
      standing = .higher
    } else if standing == .scheduled, duration > usual * 2 + EventSchedule.jitter {
      standing = .longer
    }
  }
}

extension Recurrence {
  /// A remark to append to the sentence about an event, such as `the 14th time, usually 03:05-03:40
  /// UTC`.
  package var remark: String {
    let usual = schedule.map { ", usually \($0.text)" } ?? ""
    let before = earlier == 1 ? "once before" : "\(earlier) times before"
    return switch standing {
    case .scheduled: "the \(HumanNumber.ordinal(earlier + 1)) time\(usual)"
    case .unscheduled: "seen \(before)\(usual)"
    case .higher: "higher than \(before)\(usual)"
    case .longer: "longer than \(before)\(usual)"
    case .unordered: "seen \(before)"
    case .missed: "did not come\(usual)"
    case .excessive: "beyond the alarm budget"
    }
  }
}

extension Recurrence {
  func encode(to writer: inout ByteWriter) {
    writer.write(standing.rawValue)
    writer.write(UInt8(clamping: earlier))
    writer.write(schedule != nil)
    schedule?.encode(to: &writer)
    writer.write(largest)
    writer.write(longestMinutes)
  }

  init(from reader: inout ByteReader) throws(ByteReaderError) {
    standing = try reader.readCase(Standing.init(rawValue:))
    earlier = Int(try reader.readUInt8())
    schedule = try reader.readBool() ? try EventSchedule(from: &reader) : nil
    largest = try reader.readFloat()
    longestMinutes = try reader.readUInt16()
  }
}
