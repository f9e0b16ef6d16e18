import Config
import Daemon
import Detection
import Events
import FoundationEssentials
import Glibc
import Monitor
import System
import Testing

@Suite struct ErrorTests {
  private static let agentKeys = [
    "MaximumMetrics=", "ForgetAfter=", "StateDirectory=", "ControlSocket=", "CheckpointInterval=",
    "CheckpointBytesPerHour=", "SnapshotInterval=", "SnapshotBytes=", "EventRecordBytes=",
    "IncidentSettling=", "IncidentGap=", "HistorySamples=", "SilenceMemory=",
    "TextfileMetrics=", "TextfileScores=",
  ].joined(separator: " ")
  private static let longText = String(repeating: "x", count: 257)
  private static let main = "/etc/anomalyd/anomalyd.conf"

  @Test(arguments: [
    ("[Agent]\nMaximumMetrics=0", 2, "MaximumMetrics", "0"),
    ("[Agent]\nMaximumMetrics=1000001", 2, "MaximumMetrics", "1000001"),
    ("[Agent]\nMaximumMetrics=many", 2, "MaximumMetrics", "many"),
    ("[Agent]\n\nStateDirectory=here", 3, "StateDirectory", "here"),
    ("[Agent]\nCheckpointInterval=0", 2, "CheckpointInterval", "0"),
    ("[Agent]\nCheckpointInterval=5 parsecs", 2, "CheckpointInterval", "5 parsecs"),
    ("[Agent]\nCheckpointBytesPerHour=64X", 2, "CheckpointBytesPerHour", "64X"),
    ("[Agent]\nCheckpointBytesPerHour=1K", 2, "CheckpointBytesPerHour", "1K"),
    ("[Agent]\nControlSocket=/" + String(repeating: "x", count: 107), 2, "ControlSocket", nil),
    ("[Detector]\nAlarmBudget=nan", 2, "AlarmBudget", "nan"),
    ("[Detector]\nAlarmBudget=9.9", 2, "AlarmBudget", "9.9"),
    ("[Detector]\nAlarmBudget=inf", 2, "AlarmBudget", "inf"),
    ("[Detector]\nSeed=-1", 2, "Seed", "-1"),
    ("[Detector]\nSeed=18446744073709551616", 2, "Seed", "18446744073709551616"),
    ("[Input host]\nInterval=infinity", 2, "Interval", "infinity"),
    ("[Input host]\nInterval=10ms", 2, "Interval", "10ms"),
    ("[Input host]\nCollectors=cpu gpu", 2, "Collectors", "cpu gpu"),
    ("[Input host]\nIncludeDevices=sd[a", 2, "IncludeDevices", "sd[a"),
    ("[Input host]\nIncludeDevices=\"sd", 2, "IncludeDevices", "\"sd"),
    ("[Input t]\nType=csv\nPath=/t\nHeader=maybe", 4, "Header", "maybe"),
    ("[Input t]\nType=csv\nPath=/t\nTimestampColumn=0", 4, "TimestampColumn", "0"),
    ("[Input t]\nType=csv\nPath=/t\nTimestampColumn=a b", 4, "TimestampColumn", "a b"),
    ("[Input t]\nType=csv\nPath=/t\nTimestampFormat=usual", 4, "TimestampFormat", "usual"),
    ("[Input t]\nType=csv\nPath=/t\nDelimiter=::", 4, "Delimiter", "::"),
    ("[Input t]\nType=csv\nPath=/t\nDelimiter=x", 4, "Delimiter", "x"),
    ("[Input t]\nType=csv\nPath=/t\nValueColumns=1 0", 4, "ValueColumns", "1 0"),
    ("[Input t]\nType=csv\nPath=/t\nPrefix=a b", 4, "Prefix", "a b"),
    ("[Input t]\nType=csv\nPath=/t\nTimeZone=Europe/Berln", 4, "TimeZone", "Europe/Berln"),
    ("[Input t]\nType=csv\nPath=/t\nPrefix={fil}", 4, "Prefix", "{fil}"),
    ("[Input t]\nType=csv\nPath=/t t", 3, "Path", "/t t"),
    ("[Input t]\nType=csv\nPath=/[t", 3, "Path", "/[t"),
    ("[Input t]\nType=csv\nPath=/", 3, "Path", "/"),
    ("[Input t]\nType=csv\nPath=/t\nMaximumFiles=0", 4, "MaximumFiles", "0"),
    ("[Input t]\nType=csv\nPath=/t\nStart=middle", 4, "Start", "middle"),
    ("[Input t]\nType=cvs\nPath=/t", 2, "Type", "cvs"),
    ("[Input s]\nType=serial\nFields=t\nDevice=ttyS0", 4, "Device", "ttyS0"),
    ("[Input s]\nType=serial\nDevice=/d\nFields=t\nBaud=fast", 5, "Baud", "fast"),
    ("[Input s]\nType=serial\nDevice=/d\nFields=t\nBaud=49", 5, "Baud", "49"),
    ("[Input s]\nType=serial\nDevice=/d\nFields=t\nDataBits=9", 5, "DataBits", "9"),
    ("[Input s]\nType=serial\nDevice=/d\nFields=t\nParity=yes", 5, "Parity", "yes"),
    ("[Input s]\nType=serial\nDevice=/d\nFields=t\nStopBits=1.5", 5, "StopBits", "1.5"),
    ("[Input s]\nType=serial\nDevice=/d\nFields=t\nFlowControl=dtr", 5, "FlowControl", "dtr"),
    ("[Input s]\nType=serial\nDevice=/d\nFields=t\nFraming=stx", 5, "Framing", "stx"),
    ("[Input s]\nType=serial\nDevice=/d\nFields=t\nIdleGap=1ms", 5, "IdleGap", "1ms"),
    ("[Input s]\nType=serial\nDevice=/d\nFormat=xml\nFields=t", 4, "Format", "xml"),
    ("[Input s]\nType=serial\nDevice=/d\nFields=t t", 4, "Fields", "t t"),
    ("[Input s]\nType=serial\nDevice=/d\nFields=t\nFields=t", 5, "Fields", "t t"),
    (
      "[Input s]\nType=serial\nDevice=/d\nFormat=json\nScale=t:2\nScale=t:3", 6, "Scale",
      "t:2.0 t:3.0"
    ),
    ("[Input s]\nType=socket\nTags=a\nTags=" + String(repeating: "t ", count: 32), 4, "Tags", nil),
    ("[Input s]\nType=serial\nDevice=/d\nFields=°C", 4, "Fields", "°C"),
    ("[Input s]\nType=serial\nDevice=/d\nFields=t\nScale=t", 5, "Scale", "t"),
    ("[Input s]\nType=serial\nDevice=/d\nFields=t\nScale=t:0", 5, "Scale", "t:0"),
    ("[Input s]\nType=serial\nDevice=/d\nFields=t\nScale=t:1:nan", 5, "Scale", "t:1:nan"),
    ("[Input s]\nType=serial\nDevice=/d\nFields=t\nScale=h:2", 5, "Scale", "h"),
    ("[Output o]\nType=file\nPath=/x\nMaximumBytes=1K", 4, "MaximumBytes", "1K"),
    ("[Output o]\nType=file\nPath=/x\nSync=maybe", 4, "Sync", "maybe"),
    ("[Output o]\nType=email", 2, "Type", "email"),
    ("[Metric *]\nIgnore=perhaps", 2, "Ignore", "perhaps"),
    ("[Silence s]\nSchedule=noon\nDuration=1h", 2, "Schedule", "noon"),
    ("[Silence s]\nSchedule=daily Mars/Olympus\nDuration=1h", 2, "Schedule", "daily Mars/Olympus"),
    ("[Silence s]\nSchedule=daily\nDuration=367d", 3, "Duration", "367d"),
    ("[Silence s]\nSchedule=daily\nDuration=1h\nMetrics=a[", 4, "Metrics", "a["),
    ("[Silence s]\nSchedule=daily\nDuration=1h\nSuppressAlarms=no", 4, "SuppressAlarms", "no"),
    ("[Silence s]\nSchedule=daily\nDuration=1h\nReason=\(longText)", 4, "Reason", nil),
    ("[Metric *]\nRange=95", 2, "Range", "95"),
    ("[Metric *]\nRange=..", 2, "Range", ".."),
    ("[Metric *]\nRange=0...95", 2, "Range", "0...95"),
    ("[Metric *]\nRange=95..0", 2, "Range", "95..0"),
    ("[Metric *]\nRange=nan..", 2, "Range", "nan.."),
    ("[Metric *]\nRange=0..inf", 2, "Range", "0..inf"),
    ("[Metric *]\nDirection=up", 2, "Direction", "up"),
    ("[Metric *]\nMinimumDeviation=-1", 2, "MinimumDeviation", "-1"),
    ("[Metric *]\nMinimumRelativeDeviation=%", 2, "MinimumRelativeDeviation", "%"),
    ("[Metric *]\nSeverity=fatal", 2, "Severity", "fatal"),
    ("[Metric *]\nSeverity=info error", 2, "Severity", "info error"),
    ("[Metric *]\nSeverity=error:9..1", 2, "Severity", "error:9..1"),
    ("[Metric *]\nSeverity=error:", 2, "Severity", "error:"),
    ("[Metric *]\nHoldOff=8d", 2, "HoldOff", "8d"),
    ("[Detector]\nMerge=soon", 2, "Merge", "soon"),
  ])
  func `a bad value is reported with its position`(
    text: String,
    line: Int,
    key: String,
    found: String?
  ) throws {
    let errors = try Scratch.errors(text)
    let error = try #require(errors.first)
    #expect(errors.count == 1)
    #expect(error.file == ErrorTests.main)
    #expect(error.line == line)
    #expect(error.key == key)
    guard case .invalidValue(let expected, let text) = error.problem else {
      Issue.record("expected an invalid value, found \(error.problem)")
      return
    }
    #expect(!expected.isEmpty)
    if let found { #expect(text == found) }
  }

  @Test(arguments: [
    (
      "[Agnet]\nX=1", 1,
      "unknown section \"Agnet\", did you mean [Agent]?"
    ),
    (
      "[Group x]", 1,
      "unknown section \"Group x\", expected one of [Agent] [Detector] [Input] [Output] [Metric] "
        + "[Model] [Silence]"
    ),
    ("[Agent]\nMaxMetrics=1", 2, "[Agent] MaxMetrics=: unknown key, did you mean MaximumMetrics=?"),
    (
      "[Agent]\nseed=1", 2,
      "[Agent] seed=: unknown key, expected one of \(agentKeys)"
    ),
    ("[Detector]\nsede=1", 2, "[Detector] sede=: unknown key, did you mean Seed=?"),
    (
      "[Input host]\nHeader=no", 2,
      "[Input host] Header=: is a key of Type=csv and Type=events, but this section has Type=procfs"
    ),
    (
      "[Output o]\nType=terminal\nPath=/x", 3,
      "[Output o] Path=: is a key of Type=file, but this section has Type=terminal"
    ),
    (
      "[Input t]\nType=csv", 1,
      "[Input t] Path=: expected the absolute path of the file to follow, found nothing"
    ),
    (
      "[Output t]\nType=file\nPath=", 3,
      "[Output t] Path=: expected the absolute path of the file to write, found nothing"
    ),
    ("[Agent", 1, "expected a section header such as [Agent] or [Input host], found \"[Agent\""),
    ("[]", 1, "expected a section header such as [Agent] or [Input host], found \"[]\""),
    ("[Agent main]", 1, "expected no name in this section header, found \"main\""),
    (
      "[Input]", 1,
      "expected a name of at most 64 letters, digits, dots, dashes and underscores after Input, "
        + "such as [Input main], found nothing"
    ),
    (
      "[Metric a[]", 1,
      "expected a pattern of metric names after Metric, such as [Metric disk.*], found \"a[\""
    ),
    ("[Agent]\nfoo", 2, "[Agent]: expected Key=value, found \"foo\""),
    ("[Agent]\n= 5", 2, "[Agent]: expected a key before the =, found \"= 5\""),
    ("Seed=1\nMore=2", 1, "Seed=: expected a section header such as [Agent] before the first key"),
    (
      "[Input a]\n[Input b]\nCollectors=cpu", 3,
      "[Input b] Collectors=: conflicts with [Input a]: both read cpu"
    ),
    (
      "[Output a]\n[Output b]\nType=journal", 3,
      "[Output b] Type=: conflicts with [Output a]: both write to the journal"
    ),
    (
      "[Output a]\nType=file\nPath=/x\n[Output b]\nType=file\nPath=/x", 6,
      "[Output b] Path=: conflicts with [Output a]: both write /x"
    ),
    (
      "[Agent]\nMaximumMetrics=\u{1B}[2J" + String(repeating: "x", count: 200), 2,
      "[Agent] MaximumMetrics=: expected a whole number from 1 to 1000000, found \"␛[2J"
        + String(repeating: "x", count: 76) + "…\""
    ),
  ])
  func `says what was expected, and what was found`(
    text: String,
    line: Int,
    message: String
  ) throws {
    let errors = try Scratch.errors(text)
    #expect(errors.map(\.description) == ["\(ErrorTests.main):\(line): \(message)"])
  }

  @Test func `reports all errors of all files in order`() throws {
    let scratch = try Scratch([
      "etc/anomalyd/anomalyd.conf":
        "[Agent]\nMaximumMetrics=x\nfoo\n[Wrong]\nskipped=1\n[Agent]\nX=1",
      "etc/anomalyd/anomalyd.conf.d/a.conf": "[Detector]\nSeed=x\n",
    ])
    #expect(
      scratch.errors().map { "\($0.file.split(separator: "/").last ?? "") \($0.line ?? 0)" }
        == ["anomalyd.conf 2", "anomalyd.conf 3", "anomalyd.conf 4", "anomalyd.conf 7", "a.conf 2"]
    )
  }

  @Test func `keeps a bounded number of errors and counts the others`() throws {
    let scratch = try Scratch([
      "etc/anomalyd/anomalyd.conf": "[Agent]\n" + String(repeating: "x\n", count: 1_000)
    ])
    do {
      _ = try scratch.load()
      Issue.record("expected errors")
    } catch {
      #expect(error.errors.count == SettingsErrors.maximumCount)
      #expect(error.omitted == 1_000 - SettingsErrors.maximumCount)
      #expect(error.description.hasSuffix("\n… and 900 more errors"))
    }
  }

  @Test func `refuses files that are not text`() throws {
    let scratch = try Scratch()
    try scratch.write("etc/anomalyd/anomalyd.conf", Array("[Agent]\n# \0".utf8))
    #expect(
      scratch.errors() == [
        SettingsError(file: ErrorTests.main, line: 2, .nulByte(offset: 10))
      ]
    )
    try scratch.write("etc/anomalyd/anomalyd.conf", Array("[Agent]\n\n# ".utf8) + [0xFF])
    #expect(
      scratch.errors() == [
        SettingsError(file: ErrorTests.main, line: 3, .notUTF8(offset: 11))
      ]
    )
  }

  @Test func `refuses files that are too large`() throws {
    let scratch = try Scratch()
    let limit = 1 << 20
    try scratch.write(
      "etc/anomalyd/anomalyd.conf",
      [UInt8](repeating: UInt8(ascii: "\n"), count: limit)
    )
    #expect(scratch.errors() == [])
    try scratch.write(
      "etc/anomalyd/anomalyd.conf",
      [UInt8](repeating: UInt8(ascii: "\n"), count: limit + 1)
    )
    #expect(
      scratch.errors() == [
        SettingsError(
          file: ErrorTests.main,
          .tooLarge(bytes: limit + 1, maximumBytes: limit)
        )
      ]
    )
  }

  @Test func `refuses paths that are not files, without blocking`() throws {
    let scratch = try Scratch()
    try scratch.write("etc/anomalyd/anomalyd.conf/x", [])
    #expect(
      scratch.errors() == [
        SettingsError(file: ErrorTests.main, .notAFile(found: "a directory"))
      ]
    )
    let pipe = try Scratch(["etc/anomalyd/x": ""])
    #expect(mkfifo(pipe.root + ErrorTests.main, 0o600) == 0)
    #expect(
      pipe.errors() == [SettingsError(file: ErrorTests.main, .notAFile(found: "a pipe"))]
    )
  }

  @Test func `reports a dangling link, and a path that is not a directory`() throws {
    let scratch = try Scratch(["etc/anomalyd/anomalyd.conf.d": "a file"])
    #expect(symlink("/nowhere", scratch.root + ErrorTests.main) == 0)
    #expect(
      scratch.errors() == [
        SettingsError(file: ErrorTests.main + ".d", .unreadable(errno: Errno(ENOTDIR)))
      ]
    )
    #expect(unlink(scratch.root + ErrorTests.main + ".d") == 0)
    #expect(
      scratch.errors() == [SettingsError(file: ErrorTests.main, .unreadable(errno: Errno(ENOENT)))]
    )
  }

  @Test func `refuses a flood of drop-ins`() throws {
    let scratch = try Scratch()
    for index in 0...256 { try scratch.write("etc/anomalyd/anomalyd.conf.d/\(index).conf", []) }
    #expect(
      scratch.errors() == [
        SettingsError(file: ErrorTests.main + ".d", .tooManyFiles(count: 257, maximum: 256))
      ]
    )
  }

  @Test func `never crashes on mangled text`() throws {
    var bits: UInt64 = 7
    func next(_ bound: Int) -> Int {
      bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(bits >> 33) % bound
    }
    let original = Array(SectionTypes.all.defaultFile.replacing("\n#", with: "\n").utf8)
    let scratch = try Scratch()
    for _ in 0..<20 {
      var bytes = original
      for _ in 0..<20 {
        switch next(3) {
        case 0: bytes[next(bytes.count)] = UInt8(next(256))
        case 1: bytes.remove(at: next(bytes.count))
        default: bytes.insert(contentsOf: Array("\\\n[=\"".utf8), at: next(bytes.count))
        }
      }
      try scratch.write("etc/anomalyd/anomalyd.conf", bytes)
      #expect(!scratch.errors().isEmpty)
    }
  }
}
