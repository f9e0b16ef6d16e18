package import CKernels
import Glibc

/// The instruction sets that the kernels are compiled for.
public enum InstructionSet: String, CaseIterable, Sendable {
  /// The minimum of the architecture except on aarch64: SSE2 on x86-64.
  case baseline
  /// 128-bit vectors with fused multiply-add, the minimum on aarch64.
  case neon
  /// 256-bit vectors with fused multiply-add.
  case avx2
  /// 512-bit vectors.
  case avx512

  /// The sets that this build and this processor support, narrowest first.
  public static var available: [InstructionSet] {
    allCases.filter { ck_kernels_named($0.rawValue) != nil }
  }
}

/// The leaf arithmetic of one instruction set.
public struct Kernels: @unchecked Sendable {
  // Sendable: the table is constant data of the program, never written.
  package let table: UnsafePointer<ck_kernels>

  /// The kernels of `set`, nil if the processor lacks it.
  public init?(_ set: InstructionSet) {
    guard let table = ck_kernels_named(set.rawValue) else { return nil }
    self.table = table
  }

  private init(table: UnsafePointer<ck_kernels>) {
    self.table = table
  }

  /// The set in use, such as `avx512`.
  public var name: String { String(cString: table.pointee.name) }

  /// The kernels of this process, chosen once: those named by `ANOMALYD_INSTRUCTION_SET`, a
  /// variable for tests, otherwise those of the widest set that the processor supports. Naming a
  /// set that the processor lacks stops the program, so that a test never silently runs on another
  /// one.
  public static let current: Kernels = {
    guard let forced = getenv("ANOMALYD_INSTRUCTION_SET") else {
      return Kernels(table: ck_kernels_best())
    }
    guard let table = ck_kernels_named(forced) else {
      let name = String(cString: forced)
      preconditionFailure(
        "ANOMALYD_INSTRUCTION_SET=\(name): expected one of "
          + InstructionSet.available.map(\.rawValue).joined(separator: ", "))
    }
    return Kernels(table: table)
  }()
}
