/// The name and version of this software.
public enum Product {
  /// Its name.
  public static let name = "anomalyd"
  /// Its version (semantic versioning).
  public static let version = "0.1.0"
}
