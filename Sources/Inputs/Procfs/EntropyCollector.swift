/// Bits available in the kernel's entropy pool: `entropy.available_bits`. Since Linux 5.18
/// it stays at 256 once the pool is initialised.
final class EntropyCollector: Collector {
  static let word = "entropy"
  static let isDefault = false

  private let source: ProcfsSource<NumbersReading>
  private var available = MetricSlot("entropy.available_bits")

  init(_ host: CollectorHost) {
    source = ProcfsSource(host.file("proc/sys/kernel/random/entropy_avail"), NumbersReading())
  }

  func collect(_ tick: ProcfsTick) {
    guard let bits = source.reading(tick)?[0], bits >= 0 else { return }
    tick.deliver(Double(bits), to: &available)
  }
}
