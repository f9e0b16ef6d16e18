import Glibc

/// Says why nothing runs.
func refuse(_ words: String) -> Never {
  _ = (words + "\n").withCString { write(STDERR_FILENO, $0, strlen($0)) }
  exit(2)
}

#if LIBFUZZER
  /// libFuzzer's own main, for a callback of the caller's choice.
  @_silgen_name("LLVMFuzzerRunDriver")
  func runFuzzer(
    _ count: UnsafeMutablePointer<Int32>,
    _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
  ) -> Int32

  nonisolated(unsafe) private var chosen: FuzzTarget?

  /// Gives the seeds and the corpus of a target to libFuzzer, which makes others of them.
  func fuzz(_ words: [String]) -> Never {
    guard words.count >= 3, let target = FuzzTarget.all.first(where: { $0.name == words[1] }) else {
      refuse("usage: Fuzz TARGET FOLDER [libFuzzer's options], or Fuzz --list")
    }
    chosen = target
    mkdir(words[2], 0o755)
    for (index, seed) in (target.seeds + target.corpus).enumerated() {
      let file = open("\(words[2])/seed-\(index)", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
      guard file >= 0, write(file, seed, seed.count) == seed.count else {
        refuse("cannot write the seeds to \(words[2])")
      }
      close(file)
    }
    // The name of the target is ours; the corpus comes first for libFuzzer.
    let options = [words[0], words[2], "-max_len=\(target.maximumBytes)"] + words.dropFirst(3)
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
#else
  func fuzz(_ words: [String]) -> Never { refuse("Fuzz: libFuzzer is not linked; see 'make fuzz'") }
#endif
