import Glibc

/// Writes a line to standard error.
func complain(_ text: String) {
  let line = "anomalyd-bench: \(text)\n"
  _ = line.withCString { write(2, $0, strlen($0)) }
}
