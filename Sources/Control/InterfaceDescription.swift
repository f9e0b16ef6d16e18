/// The interfaces in Varlink's interface definition language: the reply of
/// `GetInterfaceDescription`. Their texts are the files in the directory `Interfaces`.
///
/// A test checks every message against these texts.
public enum InterfaceDescription {
  /// The interfaces of the daemon by name, in the order in which `GetInfo` lists them.
  public static let all: [(name: String, text: String)] = [
    ("org.varlink.service", text(PackageResources.org_varlink_service_varlink)),
    ("io.anomalyd", text(PackageResources.io_anomalyd_varlink)),
  ]

  /// The text of an interface, nil if there is no such interface.
  public static func text(of interface: String) -> String? {
    all.first { $0.name == interface }?.text
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
