import FoundationEssentials
import Testing

/// The C oracle, which `make kernel-oracle` runs on platforms without Swift, covers every kernel.
@Suite struct KernelOracleTests {
  private static func text(_ path: String) throws -> String {
    try String(
      contentsOf: ImportRulesTests.sources.deletingLastPathComponent().appending(path: path),
      encoding: .utf8)
  }

  @Test func `every kernel in the table is checked by the C oracle`() throws {
    let table = try KernelOracleTests.text("Sources/CKernels/table.inc")
    let kernels = table.split(separator: "\n").compactMap { line -> Substring? in
      let words = line.split(whereSeparator: { " .=,".contains($0) })
      return words.count == 2 && words[0] == words[1] ? words[0] : nil
    }
    #expect(kernels.count >= 25)
    let checks = try [
      "network.c", "symbols.c", "arrays.c", "halves.c", "cells.c", "dense.c", "losses.c",
    ]
    .map { try KernelOracleTests.text("Tests/KernelOracle/\($0)") }.joined()
    for kernel in kernels {
      #expect(checks.contains("k->\(kernel)("), "\(kernel) is checked nowhere")
    }
  }
}
