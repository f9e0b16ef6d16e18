import CSystemd

/// A number that distinguishes this host's events from those of other hosts, the same on each
/// start.
///
/// Derived from the machine id by a keyed hash, so that the machine id itself, which machine-id(5)
/// asks to keep confidential, cannot be derived from an event's id.
enum HostSeed {
  /// The seed, or the error number if the host has no machine id.
  static func read() -> Result<UInt64, EventLoopError> {
    // Generated once with `systemd-id128 new`; must never change, or every event's id would.
    let application: [UInt8] = [
      0x55, 0x0e, 0x74, 0xdd, 0xb1, 0xf0, 0x40, 0x82, 0x90, 0xe1, 0xb1, 0xb4, 0xe2, 0xb5, 0x4c,
      0x6a,
    ]
    var key = sd_id128_t()
    withUnsafeMutableBytes(of: &key) { $0.copyBytes(from: application) }
    var derived = sd_id128_t()
    let result = sd_id128_get_machine_app_specific(key, &derived)
    guard result >= 0 else {
      return .failure(EventLoopError("sd_id128_get_machine_app_specific", result))
    }
    return .success(
      withUnsafeBytes(of: derived) { UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)) }
    )
  }
}
