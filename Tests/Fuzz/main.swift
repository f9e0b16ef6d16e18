// Fuzz --list names all targets. Fuzz --replay [TARGET] runs their seeds and corpora once, without
// libFuzzer. Fuzz --pack FOLDER BYTES prints the smallest inputs of a folder as lines of a corpus.
// Fuzz TARGET FOLDER [libFuzzer's options] runs one target, where libFuzzer is linked (FUZZ=1).
import FoundationEssentials
import Glibc

/// The files of a folder, the smallest first.
func inputs(in folder: String) -> [[UInt8]] {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  return names.sorted().compactMap {
    try? Array(Data(contentsOf: URL(filePath: "\(folder)/\($0)")))
  }
  .sorted { $0.count < $1.count }
}

let words = CommandLine.arguments
switch words.dropFirst().first {
case "--list": for target in FuzzTarget.all { print(target.name) }
case "--replay":
  let chosen = FuzzTarget.all.filter { words.count == 2 || words[2...].contains($0.name) }
  guard !chosen.isEmpty else { refuse("Fuzz: no such target") }
  for target in chosen {
    let inputs = target.seeds + target.corpus
    // Before they run: the last line names the target of a crash.
    print("\(target.name): \(inputs.count) inputs")
    fflush(nil)
    for input in inputs { target.run(input) }
  }
case "--pack":
  guard words.count == 4, var left = Int(words[3]) else {
    refuse("usage: Fuzz --pack FOLDER BYTES")
  }
  for input in inputs(in: words[2]) {
    left -= input.count
    guard left >= 0 else { break }
    print(Data(input).base64EncodedString())
  }
default: fuzz(words)
}
