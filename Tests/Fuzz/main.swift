// Fuzz --list names all targets. Fuzz --pack TARGET FOLDER BYTES prints the smallest inputs of a folder, without
// the seeds of the target, as lines of a corpus. Fuzz TARGET FOLDER [libFuzzer's options] runs one target.
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
case "--pack":
  guard words.count == 5, let target = FuzzTarget.all.first(where: { $0.name == words[2] }),
    var left = Int(words[4])
  else { refuse("usage: Fuzz --pack TARGET FOLDER BYTES") }
  for input in inputs(in: words[3]) where !target.seeds.contains(input) {
    left -= input.count
    guard left >= 0 else { break }
    print(Data(input).base64EncodedString())
  }
default: fuzz(words)
}
