import Glibc

/// Traps unless `holds`: libFuzzer takes that for a crash and keeps the input.
func promise(_ holds: Bool, _ words: @autoclosure () -> String) {
  if !holds { fatalError("broken promise: \(words())") }
}

/// Says why nothing runs.
func refuse(_ words: String) -> Never {
  _ = (words + "\n").withCString { write(STDERR_FILENO, $0, strlen($0)) }
  exit(2)
}

/// libFuzzer's own main, for a callback of the caller's choice.
@_silgen_name("LLVMFuzzerRunDriver")
func runFuzzer(
  _ count: UnsafeMutablePointer<Int32>,
  _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

nonisolated(unsafe) private var chosen: FuzzTarget?

/// The environment variable with the name of the target, for the processes that libFuzzer starts.
private let variable = "FUZZ_TARGET"

/// Hands the seeds and the corpus of a target to libFuzzer, which derives other inputs from them.
func fuzz(_ words: [String]) -> Never {
  // libFuzzer starts this program again when it merges, with options of its own alone.
  if let name = getenv(variable) { drive(String(cString: name), words) }
  guard words.count >= 3, let target = FuzzTarget.all.first(where: { $0.name == words[1] }) else {
    refuse("usage: Fuzz TARGET FOLDER [libFuzzer's options], or Fuzz --list")
  }
  mkdir(words[2], 0o755)
  for (index, seed) in (target.seeds + target.corpus).enumerated() {
    let file = open("\(words[2])/seed-\(index)", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard file >= 0, write(file, seed, seed.count) == seed.count else {
      refuse("cannot write the seeds to \(words[2])")
    }
    close(file)
  }
  setenv(variable, target.name, 1)
  drive(
    target.name,
    [words[0], words[2], "-max_len=\(target.maximumBytes)"] + words.dropFirst(3))
}

/// Runs libFuzzer on a target.
private func drive(_ name: String, _ options: [String]) -> Never {
  chosen = FuzzTarget.all.first { $0.name == name }
  var count = Int32(options.count)
  var pointers: [UnsafeMutablePointer<CChar>?] = options.map { strdup($0) } + [nil]
  exit(
    pointers.withUnsafeMutableBufferPointer { pointers in
      var first = pointers.baseAddress!
      return runFuzzer(&count, &first) { bytes, count in
        chosen?.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
        return 0
      }
    })
}
