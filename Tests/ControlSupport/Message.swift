import FoundationEssentials
import Series

/// A message made from JSON, in which `NOON` stands for the time ``noon``: a client's view, without
/// the objects that the daemon creates it from.
package func message<Message: Decodable>(_ json: String) -> Message {
  let text = json.replacing("NOON", with: noon.iso8601)
  do {
    return try JSONDecoder().decode(Message.self, from: Data(text.utf8))
  } catch {
    preconditionFailure("not a \(Message.self): \(error) in \(text)")
  }
}
