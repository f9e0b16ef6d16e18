import Detection
import Series

extension Event {
  /// What happened, in one line without a full stop, such as `cpu.busy jumped to 97.1 where 12.3
  /// was expected (8.1 to 16.9), score 4.2`.
  public var explanation: String { "\(metric) \(predicate())\(rarity(score))" }

  /// What an event stream did, such as `sent event 17 after 3 where 4 was expected`; nil for a
  /// metric of values.
  public var symbolSentence: String? {
    guard let symbols, case .evidence(let evidence) = cause else { return nil }
    return symbols.predicate(evidence)
  }

  /// The end of the event in one line; ``explanation`` while it is open.
  public var closingExplanation: String {
    guard closed != nil else { return explanation }
    if ending == .lost {
      return "\(metric) was not seen again after the daemon was killed, its event is closed; "
        + "it \(predicate(isOver: true))"
    }
    if ending == .forgotten {
      return
        "\(metric) is closed after \(HumanNumber.duration(duration)), because there was no sample for "
        + "that long; it "
        + predicate(isOver: true)
    }
    if case .silentInput = cause {
      return
        "\(metric) delivers again after \(HumanNumber.duration(duration)); it \(predicate(isOver: true))"
    }
    return "\(metric) is normal again after \(HumanNumber.duration(duration)), "
      + "peak \(HumanNumber.value(peakValue))\(rarity(peakScore)); it \(predicate(isOver: true))"
  }

  /// Why an open event is reported again, in one line; ``explanation`` if it was not.
  public var updateExplanation: String {
    let length = HumanNumber.duration(duration)
    return switch update {
    case nil: explanation
    case .worse:
      "\(metric) got worse: peak \(HumanNumber.value(peakValue))\(rarity(peakScore)); "
        + "for \(length) it \(predicate())"
    case .ongoing:
      "\(metric) is still anomalous after \(length), peak \(HumanNumber.value(peakValue))"
        + "\(rarity(peakScore)); it \(predicate())"
    case .again:
      "\(metric) is anomalous again, \(length) after it began; it \(predicate())"
    }
  }

  /// What the metric does, or did, as it follows the metric's name.
  private func predicate(isOver: Bool = false) -> String {
    switch cause {
    case .limit(let bound):
      let side = direction == .low ? "below its lower" : "above its upper"
      return "went \(side) limit of \(HumanNumber.value(bound)): \(HumanNumber.value(value))"
    case .silentInput:
      return "fell silent at \(timeOfDay(began))"
    case .evidence(.jump):
      let verb =
        switch direction {
        case .high: "jumped"
        case .low: "fell"
        case .unusual: "moved"
        }
      return "\(verb) to \(HumanNumber.value(value))\(expectation)"
    case .evidence(.value):
      return "came to \(HumanNumber.value(value)), far from every value seen before\(expectation)"
    case .evidence(.value3):
      return "\(isOver ? "stayed" : "stays") at \(HumanNumber.value(value)), far from every level "
        + "seen before\(expectation)"
    case .evidence(.window8), .evidence(.window48), .evidence(.window144):
      return "\(isOver ? "took" : "takes") a course not seen before\(since(isOver))\(expectation)"
    case .evidence(.quiet):
      return "\(isOver ? "was" : "is") far steadier than usual\(since(isOver))\(expectation)"
    case .evidence(.drift):
      return "\(isOver ? "stayed" : "stays") \(drift(since(isOver)))"
    case .evidence(let evidence):
      return symbols.map { $0.predicate(evidence) } ?? evidence.explanation
    }
  }

  /// ` since 14:02 UTC`, with the value if one follows.
  private func since(_ isOver: Bool) -> String {
    switch cause {
    case .evidence(.drift): isOver ? " from \(timeOfDay(began)) on" : " since \(timeOfDay(began))"
    default:
      isOver
        ? " from \(timeOfDay(began)) on, at \(HumanNumber.value(value))"
        : " since \(timeOfDay(began)), now at \(HumanNumber.value(value))"
    }
  }

  private func drift(_ since: String) -> String {
    guard usual.isFinite, level.isFinite else {
      return "away from its usual level\(since), at \(HumanNumber.value(value))\(expectation)"
    }
    let side = level > usual ? "above" : "below"
    let share = abs(level / usual - 1)
    let levels = "\(HumanNumber.value(level)) where \(HumanNumber.value(usual)) is usual"
    // A share of nearly nothing, or across zero, is meaningless.
    guard usual * level > 0, share >= 0.01, share < 10 else {
      return "\(side) its usual level\(since): \(levels)"
    }
    return "\(HumanNumber.percent(share)) \(side) its usual level\(since): \(levels)"
  }

  private var expectation: String {
    guard expected.isFinite else { return "" }
    let band =
      lower.isFinite && upper.isFinite
      ? " (\(HumanNumber.value(lower)) to \(HumanNumber.value(upper)))" : ""
    return " where \(HumanNumber.value(expected)) was expected\(band)"
  }

  private func rarity(_ score: Float) -> String {
    score > 0 ? ", score \(HumanNumber.fixed(Double(score), decimals: 1))" : ""
  }

  /// The time of day; with the date if that is not the day of the latest step.
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
