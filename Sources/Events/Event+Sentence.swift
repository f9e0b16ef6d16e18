import Detection
import Series

extension Event {
  /// What happened, in one line without a full stop, such as `cpu.busy jumped to 97.1 where 12.3
  /// was expected (8.1 to 16.9), since 14:02 UTC`.
  public var explanation: String {
    if case .test = cause { return "TEST of an output of anomalyd: nothing is wrong (\(metric))" }
    return "\(metric) \(predicate())\(beginning)\(comparison)"
  }

  /// The comparison with earlier events, with a semicolon before it; empty if there is none.
  private var comparison: String {
    if case .missedVisit = cause { return "" }
    return recurrence.map { "; \($0.remark)" } ?? ""
  }

  /// The finding of a trained model, such as `sees what it does not expect: a 12 where 30 is
  /// usual`; nil for anything else.
  public var modelSentence: String? {
    switch cause {
    case .evidence(.row), .evidence(.rows16), .evidence(.rated): columnsPredicate(.opening)
    default: nil
    }
  }

  /// What an event stream did, such as `sent event 17 after 3 where 4 was expected`; nil for a
  /// metric of values.
  public var symbolSentence: String? {
    guard let symbols, case .evidence(let evidence) = cause else { return nil }
    return symbols.predicate(evidence)
  }

  /// The end of the event in one line; ``explanation`` while it is open.
  public var closingExplanation: String {
    guard closed != nil else { return explanation }
    let length = HumanNumber.duration(duration)
    let story = predicate(.over)
    switch ending {
    case .normal: break
    case .lost:
      return "\(metric) was not seen again after the daemon was killed; its event is closed. "
        + "It \(story)"
    case .forgotten:
      return "\(metric) has had no samples for long; its event is closed after \(length). "
        + "It \(story)"
    case .ruleGone:
      return "\(metric) no longer has the limit that opened the event; it is closed after "
        + "\(length). It \(story)"
    case .inputGone:
      return
        "\(metric) comes from an input that is no longer configured; its event is closed after "
        + "\(length). It \(story)"
    case .ignored:
      return "\(metric) is no longer watched (Ignore=yes); its event is closed after \(length). "
        + "It \(story)"
    case .byHand:
      let user = closing.map { " by user \($0.user)" } ?? ""
      let reason = closing.flatMap { $0.reason.isEmpty ? nil : ": \($0.reason)" } ?? ""
      return "\(metric): the event was closed by hand\(user) after \(length)\(reason). It \(story)"
    }
    switch cause {
    case .test: return "TEST of an output of anomalyd: its event is closed (\(metric))"
    case .silentInput: return "\(metric) delivers again after \(length); it \(story)"
    case .missedVisit: return "\(explanation); reported once, until it has come again"
    case .evidence, .limit, .hostLimit:
      return "\(metric) is normal again after \(length), "
        + "\(peak); it \(story)"
    }
  }

  /// What the metric did, in a few words for a message about several metrics, such as `131 reads/s
  /// where 0 is usual`.
  /// - Parameter time: at the end the farthest value is given, in between the newest.
  func fact(_ time: FactTime = .opening) -> String {
    let isOver = time == .closing
    switch cause {
    case .evidence(.jump), .evidence(.value), .evidence(.value3): break
    case .hostLimit(let id, let bound) where time == .worsening && present.value.isFinite:
      return
        "\(metric) \(hostLimitPredicate(HostLimit(id: id), bound, .opening, at: present.value))"
        + comparison
    default: return "\(metric) \(predicate(isOver ? .over : .opening))\(comparison)"
    }
    let present = present.value.isFinite ? present.value : value
    let shown = isOver ? peakValue : time == .worsening ? present : value
    let numbers = texts([shown, expected])
    let way = isOver ? direction == .low ? "down to " : direction == .high ? "up to " : "" : ""
    let usual = expected.isFinite ? " where \(numbers[1]) is usual" : ""
    guard let noun = countedNoun else {
      return "\(metric) \(way)\(numbers[0])\(usual)\(comparison)"
    }
    let plain = HumanNumber.values([shown, expected])
    return "\(way)\(plain[0]) \(noun)/s"
      + (expected.isFinite ? " where \(plain[1]) is usual" : "") + comparison
  }

  /// The position in an incident's life at which it describes an event.
  enum FactTime {
    case opening, worsening, closing
  }

  /// The noun that is counted, such as `reads` of `disk.vda.reads_per_second`.
  private var countedNoun: String? {
    guard MetricUnit(of: metric)?.symbol == "1/s",
      let last = metric.text.split(separator: ".").last?.dropLast("_per_second".count),
      !last.isEmpty
    else { return nil }
    return String(last).replacing("_", with: " ")
  }

  /// Why an open event is reported again, in one line; ``explanation`` if it was not.
  public var updateExplanation: String {
    guard let update else { return explanation }
    let length = HumanNumber.duration(duration)
    let newest = texts([present.value, peakValue, value, expected])[0]
    let now = present.value.isFinite ? "now at \(newest)" : ""
    let story = predicate(.reported)
    switch update {
    case .worse:
      let head = now.isEmpty ? "" : "\(now), "
      return "\(metric) got worse after \(length): \(head)\(peak); it \(story)\(comparison)"
    case .ongoing:
      let numbers = peakValue.isFinite ? ", \(now.isEmpty ? "" : "\(now), ")\(peak)" : ""
      return "\(metric) is still anomalous after \(length)\(numbers); it \(story)"
    case .again:
      let head = now.isEmpty ? "" : ", \(now)"
      return "\(metric) is anomalous again\(head), \(length) after it began; it \(story)"
    }
  }

  /// When the event is reported.
  private enum Tense {
    /// As it opens: the value is the newest.
    case opening
    /// While it is open, after the newest value.
    case reported
    /// After it closed.
    case over
  }

  private var hostLimit: HostLimit? {
    if case .hostLimit(let id, _) = cause { HostLimit(id: id) } else { nil }
  }

  /// The value farthest from the expected value, with enough digits to distinguish the two.
  private var peak: String {
    let word = direction == .low ? "lowest" : "peak"
    return "\(word) \(texts([peakValue, present.value, value, expected])[0])"
  }

  /// Values of the metric with its unit, with enough digits to distinguish them.
  private func texts(_ values: [Double]) -> [String] {
    if let hostLimit { return values.map { hostLimit.text($0) } }
    return MetricUnit.texts(values, of: metric)
  }

  /// What the metric does, or did, phrased to follow the metric's name.
  private func predicate(_ tense: Tense = .opening) -> String {
    let isOver = tense == .over
    let value = numbers[0]
    switch cause {
    case .test:
      return "is a test of an output"
    case .limit(let bound):
      let side = direction == .low ? "below its lower" : "above its upper"
      let numbers = texts([bound, self.value])
      return "went \(side) limit of \(numbers[0]): \(numbers[1])"
    case .hostLimit(let id, let bound):
      return hostLimitPredicate(HostLimit(id: id), bound, tense, at: self.value)
    case .silentInput:
      return "has delivered nothing since \(timeOfDay(began))"
    case .missedVisit:
      return "did not \(direction == .low ? "rise" : "fall") as usual"
        + (recurrence.map { " (\($0.schedule?.text ?? ""), \($0.earlier) times so far)" } ?? "")
    case .evidence(.jump):
      let verb =
        switch direction {
        case .high: "jumped"
        case .low: "fell"
        case .unusual: "moved"
        }
      return "\(verb) to \(value)\(expectation)"
    case .evidence(.value):
      return "came to \(value), far from every value seen before\(expectation)"
    case .evidence(.value3):
      let verb = tense == .opening ? "stays at" : "stayed at"
      return "\(verb) \(value), far from every level seen before\(expectation)"
    case .evidence(.window8), .evidence(.window48), .evidence(.window144):
      return "\(isOver ? "took" : "takes") a course not seen before\(since(tense))\(expectation)"
    case .evidence(.quiet):
      return "\(isOver ? "was" : "is") far steadier than usual\(since(tense))\(expectation)"
    case .evidence(.season), .evidence(.season32):
      return "\(isOver ? "was" : "is") unlike other weeks at this time\(since(tense))"
    case .evidence(.drift):
      return "\(isOver ? "stayed" : "stays") \(drift(since(tense)))"
    case .evidence(.row), .evidence(.rows16), .evidence(.rated):
      return columnsPredicate(tense)
    case .evidence(let evidence):
      return symbols.map { $0.predicate(evidence) } ?? evidence.explanation
    }
  }

  private func columnsPredicate(_ tense: Tense) -> String {
    let isOver = tense == .over
    let verb =
      switch cause {
      case .evidence(.rated): "\(isOver ? "reported" : "reports") an anomaly (\(numbers[0]))"
      case .evidence(.rows16):
        isOver
          ? "saw what it did not expect for some 16 rows"
          : "has seen what it does not expect for some 16 rows"
      default: isOver ? "saw what it did not expect" : "sees what it does not expect"
      }
    guard !columns.isEmpty else { return verb }
    return verb + ": " + columns.map(\.sentence).joined(separator: ", ")
  }

  private func hostLimitPredicate(
    _ limit: HostLimit?, _ bound: Double, _ tense: Tense, at value: Double
  ) -> String {
    let side = direction == .low ? "below" : "above"
    let limitText = limit?.text(bound) ?? HumanNumber.value(bound)
    let meaning = limit.map { ": \($0.meaning)" } ?? ""
    // If any at all is too many, mentioning a limit of zero adds nothing.
    if bound == 0, limit?.side == .above {
      return
        (tense == .opening
        ? "is at \(texts([value])[0])" : "\(tense == .over ? "was" : "is") above 0")
        + meaning
    }
    return tense == .opening
      ? "is at \(texts([value])[0]), \(side) the limit of \(limitText)\(meaning)"
      : "\(tense == .over ? "was" : "is") \(side) the limit of \(limitText)\(meaning)"
  }

  /// The value at the opening, the expected value, and the ends of the band, with enough digits to
  /// distinguish them.
  private var numbers: [String] { texts([value, expected, lower, upper]) }

  /// ` since 14:02 UTC`, with the value if one follows.
  private func since(_ tense: Tense) -> String {
    let since = tense == .over ? " from \(timeOfDay(began)) on" : " since \(timeOfDay(began))"
    if case .evidence(.drift) = cause { return since }
    return switch tense {
    case .opening: "\(since), now at \(numbers[0])"
    case .reported: "\(since), then at \(numbers[0])"
    case .over: "\(since), at \(numbers[0])"
    }
  }

  private func drift(_ since: String) -> String {
    guard usual.isFinite, level.isFinite else {
      return "away from its usual level\(since), at \(numbers[0])\(expectation)"
    }
    let side = level > usual ? "above" : "below"
    let share = abs(level / usual - 1)
    let numbers = texts([level, usual])
    let levels = "\(numbers[0]) where \(numbers[1]) is usual"
    // A percentage of nearly nothing, or across zero, is meaningless.
    guard usual * level > 0, share >= 0.01, share < 10 else {
      return "\(side) its usual level\(since): \(levels)"
    }
    return "\(HumanNumber.percent(share)) \(side) its usual level\(since): \(levels)"
  }

  private var expectation: String {
    guard expected.isFinite else { return "" }
    let numbers = numbers
    // A constant has no band.
    if lower == upper, lower == expected { return " where it had always been \(numbers[1])" }
    let band = lower.isFinite && upper.isFinite ? " (\(numbers[2]) to \(numbers[3]))" : ""
    return " where \(numbers[1]) was expected\(band)"
  }

  /// `, since 14:02 UTC`, unless the sentence already contains it.
  private var beginning: String {
    switch cause {
    case .evidence(.window8), .evidence(.window48), .evidence(.window144), .evidence(.quiet),
      .evidence(.drift), .evidence(.season), .evidence(.season32), .silentInput, .missedVisit,
      .test:
      ""
    case .evidence, .limit, .hostLimit: ", since \(timeOfDay(began))"
    }
  }

  /// The time of day, with the date if it is not the day of the latest step.
  private func timeOfDay(_ moment: Timestamp) -> String {
    let text = moment.iso8601
    let today = (closed ?? updated ?? opened).iso8601.prefix(10)
    let date = text.hasPrefix(today) ? "" : "\(text.prefix(10)) "
    return "\(date)\(text.dropFirst(11).prefix(5)) UTC"
  }
}

extension EventTransition {
  /// The step in one line.
  public var sentence: String {
    switch self {
    case .opened(let event): event.explanation
    case .updated(let event): event.updateExplanation
    case .closed(let event): event.closingExplanation
    }
  }
}
