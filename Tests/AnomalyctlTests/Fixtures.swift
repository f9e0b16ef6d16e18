import Control
import ControlSupport
import Detection
import Events
import Monitor
import Series

/// A moment before or after noon.
func moment(_ seconds: Int) -> Timestamp { noon.advanced(by: .seconds(seconds)) }

let busy: MetricSummary = message(
  """
  {"name": "disk.sda.busy", "state": "anomalous", "samples": 120345, "gaps": 2,
   "lastSeen": "\(moment(-2).iso8601)", "value": 97.1, "expected": 12.34, "lower": 8.1,
   "upper": 16.9, "score": 4.23, "level": 0.81}
  """)
let idle: MetricSummary = message(
  """
  {"name": "cpu.busy", "state": "normal", "samples": 120345, "gaps": 0,
   "lastSeen": "\(moment(-2).iso8601)", "value": 0.0312, "expected": 0.03, "lower": 0.01,
   "upper": 0.052, "score": 0.2, "level": 0}
  """)
let young: MetricSummary = message(
  """
  {"name": "furnace.temperature", "state": "warming",
   "warmUp": {"seen": 40, "needed": 600, "expectedEnd": "\(moment(2800).iso8601)"},
   "samples": 40, "gaps": 0, "lastSeen": "\(moment(-61).iso8601)", "value": 1204,
   "expected": 1204, "score": 0, "level": 0}
  """)

let openEvent: EventMessage = message(
  """
  {"id": "019aa2c4-5f10-7abc-8def-0123456789ab", "metric": "disk.sda.busy",
   "began": "\(moment(-764).iso8601)", "opened": "\(moment(-754).iso8601)",
   "updated": "\(moment(-600).iso8601)", "value": 88.4, "expected": 12.4, "lower": 8.2,
   "upper": 16.8, "score": 3.9, "peakScore": 5.04, "peakValue": 99.2,
   "peakAt": "\(moment(-700).iso8601)", "severity": "error", "direction": "high",
   "reason": "jump", "explanation":
   "disk.sda.busy jumped to 88.4 where 12.4 was expected (8.2 to 16.8), score 3.9"}
  """)

let well = StatusReply(
  version: "0.1.0", pid: 4211, started: moment(-273_600), now: moment(0),
  configuration: ConfigurationStatus(files: [], loaded: moment(-273_600), lastReload: nil),
  inputs: [
    InputStatus(
      name: "host", type: "procfs", source: "this host", state: .ok, samples: 6_456_960,
      malformed: 0, gaps: 12,
      refused: 0, lastError: nil, lastErrorAt: nil, lastSampleAt: moment(-2), lastSampleAge: 2.1,
      deliveredAt: moment(-2), stallAfter: 300, lagBytes: nil)
  ],
  outputs: [
    OutputStatus(
      name: "journal", type: "journal", healthy: true, emitted: 7, failed: 0, queued: 0,
      dropped: 0, lastError: nil, lastErrorAt: nil)
  ],
  metrics: message(
    """
    {"registered": 118, "limit": 1000, "refused": 0, "warming": 0, "normal": 118,
     "anomalous": 0, "shown": 0, "silent": 0, "frozen": 0, "forgotten": 0, "displaced": 0}
    """),
  budget: message(#"{"alarmsPerDay": 2, "samplesPerAlarm": 1019520, "overdraft": 0}"#),
  resources: ResourceStatus(
    residentBytes: 18_212_000, bytesPerMetric: 45_056, nanosecondsPerSample: 4210,
    samples: 6_456_960, cpuSeconds: 812.5),
  checkpoint: CheckpointStatus(
    lastAt: moment(-312), bytes: 5_316_000, milliseconds: 12.5, nextIn: 588, lastError: nil),
  control: ControlStatus(
    clients: 1, accepted: 12, turnedAway: 0, calls: 40, errors: 0, closed: 0),
  openEventCount: 0, openEvents: [],
  learningSnapshots: message(
    #"{"metrics": 0, "bytes": 0, "maximumBytes": 67108864, "refused": 0}"#))

/// The same daemon on a bad night.
let ill: StatusReply = {
  var reply = well
  reply.configuration = ConfigurationStatus(
    files: ["/etc/anomalyd/anomalyd.conf", "/etc/anomalyd/anomalyd.conf.d/furnace.conf"],
    loaded: moment(-273_600),
    lastReload: ReloadResult(
      at: moment(-185), succeeded: false,
      errors: [
        "/etc/anomalyd/anomalyd.conf:14: Interval=: expected a time span such as 5s, found 'fife'"
      ]))
  reply.inputs.append(
    InputStatus(
      name: "furnace", type: "csv", source: "/var/log/furnace.csv", state: .failing, samples: 4031,
      malformed: 3, gaps: 0,
      refused: 96, lastError: "/var/log/furnace.csv: Permission denied", lastErrorAt: moment(-61),
      lastSampleAt: moment(-3661), lastSampleAge: 3661,
      deliveredAt: moment(-3661), stallAfter: nil, lagBytes: 20_480))
  reply.outputs.append(
    OutputStatus(
      name: "events", type: "file", healthy: false, emitted: 6, failed: 4, queued: 1, dropped: 2,
      lastError: "/var/log/anomalyd/events.json: No space left on device\u{1B}[31m",
      lastErrorAt: moment(-9)))
  reply.metrics = message(
    """
    {"registered": 1000, "limit": 1000, "refused": 3, "warming": 17, "learningLeft": 1390.5,
     "firstReady": 800, "normal": 982,
     "anomalous": 1, "shown": 0, "silent": 4, "frozen": 0, "forgotten": 0, "displaced": 0}
    """)
  reply.openEventCount = 1
  reply.openEvents = [openEvent]
  reply.incidents = [
    message(
      """
      {"id": "\(openEvent.id)", "state": "open", "began": "\(openEvent.began.iso8601)",
       "opened": "\(openEvent.opened.iso8601)", "severity": "error",
       "headline": "disk sda busy, cpu with it",
       "sentence": "incident 89ab: disk sda busy, cpu with it (2 metrics): disk.sda.busy 88.4",
       "lead": "disk.sda.busy", "metrics": 2, "size": 3, "open": 1,
       "subsystems": ["disk sda", "cpu"], "attributions": []}
      """)
  ]
  return reply
}()

/// A metric in full, without an open event.
func detail(of metric: MetricSummary, history: [Sample] = [], bytes: Int = 0) -> MetricDetail {
  var detail: MetricDetail = message(
    """
    {"metric": \(MessageJSON.line(metric)), "evidence": [], "history": [], "feedback": [],
     "raised": [], "facts": [], "bytes": \(bytes), "silences": []}
    """)
  detail.history = history
  return detail
}

let busyDetail: MetricDetail = {
  let history = (0..<120).map { index in
    let value = index == 50 ? .nan : Double(12 + index % 4) + (index > 110 ? 80 : 0)
    return Sample(timestamp: moment(-600 + index * 5), value: value)
  }
  var detail = detail(of: busy, history: history, bytes: 45_056)
  detail.openEvent = openEvent
  detail.reason = "jump"
  detail.evidence = [
    EvidenceReading(kind: "jump", decades: 5.04), EvidenceReading(kind: "window8", decades: 2.31),
    EvidenceReading(kind: "window48", decades: 0.4), EvidenceReading(kind: "window144", decades: 0),
    EvidenceReading(kind: "drift", decades: 0.1), EvidenceReading(kind: "value", decades: 4.6),
    EvidenceReading(kind: "value3", decades: 1.2), EvidenceReading(kind: "quiet", decades: 0),
  ]
  detail.facts = message(
    #"[{"name": "scale", "value": 1.87}, {"name": "sampling interval in s", "value": 5}]"#)
  return detail
}()
