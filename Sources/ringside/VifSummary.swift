internal import Netif
internal import TraceFormat
internal import XenInterface

/// What a trace says of a vif at the earliest place that knows its queues.
///
/// A recorder that starts inside the backend knows them in the header; one that attaches to a
/// running kernel learns them later, from the first snapshot among the events.
struct VifSummary: Encodable {
  var name: String
  var queues: Int
  var features: String
  var isDisabled: Bool

  enum CodingKeys: String, CodingKey {
    case name, queues, features
    case isDisabled = "disabled"
  }

  init(_ snapshot: VifSnapshot) {
    name = VifPlace(domain: snapshot.domain, handle: snapshot.handle).description
    queues = snapshot.queues.count
    features = snapshot.features.words
    isDisabled = snapshot.isDisabled
  }

  /// Takes over what a `snapshot` event says, unless the queues are known already.
  mutating func note(_ payload: RawSpan) {
    guard queues == 0, let snapshot = try? VifSnapshot(encoded: payload) else { return }
    self = VifSummary(snapshot)
  }

  /// The same for people.
  var line: String {
    let count = queues == 1 ? "1 queue" : "\(queues) queues"
    return "\(name): \(isDisabled ? "disabled, " : "")\(count), \(features)"
  }
}
