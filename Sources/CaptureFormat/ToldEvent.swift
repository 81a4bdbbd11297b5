import TraceFormat
import XenInterface
import XenRing

/// An event without its payload, and what of it only the trace around it tells.
struct ToldEvent {
  var event: TraceEvent
  /// Its number in the trace.
  var number: UInt64
  /// Whether a slot or an answer is an extra info.
  var isExtra = false

  /// What happened, in the words of the text form.
  var words: String {
    var fields = TextFieldWriter()
    // What is printed into memory always finds room.
    try? fields.append(event.body, isExtra: isExtra)
    return String(decoding: fields.octets.array, as: UTF8.self)
  }
}

/// Which vif.
struct VifName: Hashable {
  var domain: DomainID
  var handle: VifHandle

  init(_ snapshot: VifSnapshot) {
    domain = snapshot.domain
    handle = snapshot.handle
  }

  /// As the host names its interface.
  var text: String { "vif\(domain.rawValue).\(handle.rawValue)" }
}
