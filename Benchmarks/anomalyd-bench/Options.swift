import Glibc

/// The command line options.
struct Options {
  private static let sections = [
    "kernels", "training", "memory", "pipeline", "stages", "metrics", "tables",
  ]
  private static let help = """
    Usage: anomalyd-bench [--quick] [--only SECTION]... [--json FILE] [--series FOLDER]
                          [--reference NAME=PROGRAM]... | --pace
           anomalyd-bench --alarms [--without PART[+PART]...]... [--seeds N] [--budget N]...
    Measures the cost of a metric: \(sections.joined(separator: ", ")).
      --quick                   fewer rounds, no 100,000 metrics
      --only SECTION            measure this only; may be given again
      --pace                    training steps as standard input asks, against another program
      --alarms                  alarms of the series on standard input, for ablation.py
      --without PART            with --alarms: and of the detector without these rules
      --seeds N                 with --alarms: with N seeds (1)
      --budget N                with --alarms: at this alarm budget; may be given again (5000)
      --json FILE               write all measurements there, too
      --series FOLDER           recorded series for the pipeline, CSV of epoch seconds and value
      --reference NAME=PROGRAM  time this program on the same series, too; may be given again

    """

  var isQuick = false
  var isPace = false
  var isAlarms = false
  var without: [String] = []
  var seeds = 1
  var budgets: [Double] = []
  var json: String?
  var series: String?
  var references: [String] = []
  private var only: [String] = []

  /// Parses the words after the program's name; exits if they are invalid.
  init(_ words: some Sequence<String>) {
    var words = Array(words)[...]
    while let word = words.popFirst() {
      func value() -> String {
        guard let value = words.popFirst() else { Options.refuse("\(word) needs a value") }
        return value
      }
      switch word {
      case "--quick": isQuick = true
      case "--pace": isPace = true
      case "--alarms": isAlarms = true
      case "--without": without.append(value())
      case "--seeds": seeds = max(1, Int(value()) ?? 1)
      case "--budget": budgets.append(max(10, Double(value()) ?? 5000))
      case "--json": json = value()
      case "--series": series = value()
      case "--reference": references.append(value())
      case "--only":
        let section = value()
        guard Options.sections.contains(section) else {
          Options.refuse(
            "no section \(section), expected one of \(Options.sections.joined(separator: ", "))")
        }
        only.append(section)
      case "--help", "-h":
        print(Options.help, terminator: "")
        exit(0)
      default: Options.refuse("unknown option \(word)")
      }
    }
  }

  func has(_ section: String) -> Bool { only.isEmpty || only.contains(section) }

  private static func refuse(_ reason: String) -> Never {
    complain("\(reason); see --help")
    exit(2)
  }
}
