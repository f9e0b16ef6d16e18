import Glibc
public import Series
import System

/// Reads a sensor on a serial line and delivers its fields as metrics.
///
/// It handles whatever happens to serial lines: an unplugged device is reported once and retried
/// until it is back, a first line without its beginning is skipped, partial lines, noise and
/// overlong lines are counted and skipped. If most lines are malformed, that is reported instead,
/// because then a setting is wrong. Samples are stamped when the end of their frame is read.
public final class SerialInput: Input {
  /// The name of its configuration section.
  public let name: String

  let configuration: SerialSection
  var port: SerialPort?
  var problems: ProblemLog<SerialProblem>
  var framer: SerialFramer
  var quality = SerialQuality()
  /// When the latest byte arrived; the opening before the first.
  var quietSince = Timestamp(nanoseconds: 0)
  /// Frames since the line was opened.
  var frames = 0
  /// When the line was opened.
  var openedAt = Timestamp(nanoseconds: 0)
  /// Whether the open line is known to work.
  var isProven = false
  /// Whether the loss of the line was reported, so that its return is reported too.
  var hasReportedLoss = false
  /// How often the line was opened.
  var openings = 0
  var reopening = SerialReopening()
  private let gap: Duration?
  private var decoder: SerialDecoder
  private var channels: SerialChannels
  private var counters = InputHealth()
  /// Whether it has been reported that most lines are malformed.
  private var isDoubted = false
  /// Whether a value that cannot be a sample was reported.
  private var hasReportedSkipping = false
  private var polls = 0
  private var totalFrames = 0
  private var chunk = [UInt8](repeating: 0, count: SerialLimits.pollBytes)

  /// An input that opens its line at the first poll. Configured fields beyond 128 are ignored.
  public init(name: String, configuration: SerialSection) {
    self.name = name
    var configuration = configuration
    configuration.fields = Array(configuration.fields.prefix(SerialLimits.fields))
    self.configuration = configuration
    gap = configuration.framing == .gap ? configuration.idleGap : nil
    problems = ProblemLog(
      configuration.device,
      quietPeriod: configuration.quietPeriod
    )
    framer = SerialFramer(isByLine: gap == nil)
    decoder = SerialDecoder(configuration)
    channels = SerialChannels(configuration, prefix: configuration.prefix ?? name)
  }

  /// Its health.
  public var health: InputHealth {
    var health = counters
    health.lastError = problems.lastError
    health.lastErrorAt = problems.lastErrorAt
    return health
  }

  /// Notices for the user since the last call, oldest first; empties the list.
  public func drainNotices() -> [Notice] { problems.drain() }

  /// The line, while it is open.
  public var readiness: InputReadiness? {
    port.map { InputReadiness(descriptor: $0.descriptor.number, generation: openings) }
  }

  /// Nothing: a line has no history.
  public func encodePosition() -> [UInt8] { [] }

  /// Does nothing: a line has no history.
  public func restorePosition(_ bytes: [UInt8]) {}

  /// Reads the bytes that the line has received, at most ``SerialLimits/pollBytes``.
  public func poll(now: Timestamp, into sink: some SampleSink) -> PollOutcome {
    problems.settle(at: now)
    polls += 1
    if port == nil { open(at: now) }
    guard let port else { return .drained }
    let count: Int
    do throws(SerialPortError) {
      count = try port.read(into: &chunk)
    } catch {
      pause(now: now, isQuiet: false, into: sink)
      lose(error, at: now)
      return .drained
    }
    pause(now: now, isQuiet: count == 0, into: sink)
    prove(at: now, hasSpoken: count > 0)
    guard count > 0 else { return .drained }
    quietSince = now
    for index in 0..<count {
      let step = framer.take(chunk[index])
      if step != .more { finish(step, at: now, into: sink) }
    }
    return count == chunk.count ? .moreReady : .drained
  }

  /// Handles the time since the latest byte.
  /// - Parameter isQuiet: whether the line was just checked and had no data.
  private func pause(now: Timestamp, isQuiet: Bool, into sink: some SampleSink) {
    let pause = now.elapsed(since: quietSince)
    if let gap {
      if pause >= gap { finish(framer.end(), at: quietSince, into: sink) }
    } else {
      if pause >= SerialLimits.stalledLine { finish(framer.abandon(), at: now, into: sink) }
      if isQuiet, pause >= SerialLimits.quietStart { framer.synchronize() }
    }
  }

  /// Processes a frame that is complete, or will never be.
  private func finish(_ step: SerialFramer.Step, at moment: Timestamp, into sink: some SampleSink) {
    guard step != .more else { return }
    frames += 1
    totalFrames += 1
    switch step {
    case .more: return
    case .frame:
      do throws(SerialFault) {
        guard try deliver(at: moment, to: sink) else { return }
        approve()
      } catch {
        complain(.malformed, error.description(in: framer.bytes), at: moment)
      }
    case .noise: complain(.noise, "expected text, found unprintable bytes", at: moment)
    case .tooLong:
      complain(
        .tooLong, "expected at most \(SerialLimits.frameBytes) bytes, found more", at: moment)
    case .half: complain(.half, "expected the rest of a line, found none", at: moment)
    }
  }

  /// Parses the frame and delivers its values, all or none.
  /// - Returns: false if the frame contains nothing.
  private func deliver(at moment: Timestamp, to sink: some SampleSink) throws(SerialFault) -> Bool {
    let frame = framer.bytes
    let bytes = frame.span
    guard try decoder.read(bytes, count: framer.count) else { return false }
    let isOpen = configuration.fields.isEmpty
    let isCSV = configuration.format == .csv
    let fields = decoder.fields
    var chosen = ChosenChannels()
    var fault: SerialFault?
    for index in 0..<fields.count {
      let field = fields[index]
      if isOpen, field.value == nil, CellUnit.find(bytes, field.text) == nil {
        skip("text", field.text)
        continue
      }
      let channel =
        isCSV
        ? channels.channel(ofCell: field.position) : channels.channel(named: field.name, in: bytes)
      if isOpen { chosen.hasNumber = true }
      guard let channel else { continue }
      guard let value = field.value ?? channels.number(channel, bytes, field.text) else {
        if isOpen {
          skip("a unit that is not the usual one", field.text)
          continue
        }
        // The units of the other fields count as seen, too.
        fault = fault ?? .notANumber(field.text)
        continue
      }
      guard channels.mark(channel, frame: totalFrames) else { throw .twice(field.name) }
      chosen.hasNumber = true
      chosen.places[index] = UInt8(channel)
      chosen.values[index] = value
    }
    if let fault { throw fault }
    if let name = fields.unusableName { skip("a name that no metric can have", name) }
    guard chosen.hasNumber else { throw .nothingWanted }
    for index in 0..<fields.count where chosen.places[index] != ChosenChannels.none {
      let channel = Int(chosen.places[index])
      send(chosen.values[index], channel, at: moment, to: sink)
    }
    if channels.isFull {
      problems.add(.metricLimit, at: moment) {
        "\(configuration.device): expected at most \(SerialLimits.metrics) names, found more, "
          + "ignoring them; select with Fields="
      }
    }
    return true
  }

  /// Counts a value that cannot be a sample, and reports the first.
  private func skip(_ what: String, _ found: Range<Int>) {
    counters.skipped += 1
    guard !hasReportedSkipping else { return }
    hasReportedSkipping = true
    problems.inform(
      "\(configuration.device): found \(what), \(Excerpt.quoted(framer.bytes[found])); such values "
        + "are left out and counted, the others of the line are used")
  }

  private func send(_ value: Double, _ channel: Int, at moment: Timestamp, to sink: some SampleSink)
  {
    guard let metric = channels.metric(channel, poll: polls, in: sink) else {
      counters.refused += 1
      return
    }
    if !value.isFinite { counters.gaps += 1 }
    counters.samples += 1
    counters.lastSampleAt = moment
    sink.receive(
      Sample(timestamp: moment, value: channels.scaled(value, channel)),
      of: metric
    )
  }

  /// Counts a malformed frame. If most are, that is reported instead of the individual faults.
  private func complain(
    _ problem: SerialProblem, _ words: @autoclosure () -> String, at now: Timestamp
  ) {
    counters.malformed += 1
    quality.add(isMalformed: true, isNoise: problem == .noise)
    if quality.isBad {
      if problems.add(.senseless, at: now, { senseless }) { isDoubted = true }
      return
    }
    problems.add(problem, at: now) {
      let unit = gap == nil ? "line" : "frame"
      let found = Excerpt.quoted(framer.bytes[..<framer.count])
      return "\(configuration.device): \(unit) \(frames) since it was opened: \(words()), "
        + "skipping it: \(found)"
    }
  }

  /// Counts a valid frame; reports when most are valid again.
  private func approve() {
    quality.add(isMalformed: false, isNoise: false)
    guard isDoubted, !quality.isBad else { return }
    isDoubted = false
    problems.inform("\(configuration.device): most lines are valid again")
  }

  /// The report that most lines are malformed, with the settings that may be the reason.
  private var senseless: String {
    let line = configuration.line
    let suspect =
      quality.noiseCount * 2 > quality.malformedCount
      ? "is Baud=\(line.baud) right? If it is, see DataBits=\(line.dataBits) and "
        + "Parity=\(line.parity.rawValue)"
      : "is Format=\(configuration.format.rawValue) right, and Fields=?"
    return "\(configuration.device): most lines are malformed "
      + "(\(quality.malformedCount) of the last \(quality.seen)): \(suspect)"
  }
}

/// The channel of each field of one frame.
private struct ChosenChannels {
  static let none = UInt8.max
  var places = InlineArray<128, UInt8>(repeating: ChosenChannels.none)
  var values = InlineArray<128, Double>(repeating: .nan)
  var hasNumber = false
}
