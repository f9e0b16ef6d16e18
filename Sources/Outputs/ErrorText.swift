import Glibc

/// The C library's text for an error number, such as `No space left on device`.
func errorText(_ number: Int32) -> String {
  String(cString: strerror(number))
}
