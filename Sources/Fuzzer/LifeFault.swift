/// What a backend did in a vif's life that it must not.
public enum LifeFault: Error, Hashable, Sendable {
  /// The state that it says.
  case state(wanted: String, got: String)
  /// Whether it says why it gave the frontend up.
  case error(wanted: Bool)
  /// Pages of guests that are mapped.
  case mapped(wanted: Int, got: Int)
  /// Ports that are open.
  case ports(wanted: Int, got: Int)
  /// Packets of the guest's that were answered with success.
  case answers(queue: Int, wanted: Int, got: Int)
  /// Frames of the guest's that came, in any order.
  case frames(wanted: Int, got: Int)
  /// Frames for the guest that it got.
  case received(queue: Int, wanted: Int, got: Int)
  /// Whether a frame for the guest was taken.
  case taken(wanted: Bool)
  /// Steps that the backend made while a guest sent events for nothing.
  case busy(most: Int, got: Int)
  /// The guest was told of answers that there are not.
  case events
  /// Another guest is not served any more.
  case bystander
  /// What is left when the vif is gone.
  case left(String)

  /// Faults with the same signature are taken for the same.
  var signature: String {
    switch self {
    case .state(let wanted, let got): "backend says \(got), not \(wanted)"
    case .error(let wanted): wanted ? "no error told" : "error told for nothing"
    case .mapped(let wanted, let got): "\(got < wanted ? "too few" : "too many") pages mapped"
    case .ports(let wanted, let got): "\(got < wanted ? "too few" : "too many") ports open"
    case .answers(_, let wanted, let got):
      "\(got < wanted ? "packets not answered" : "packets answered too often")"
    case .frames(let wanted, let got): "\(got < wanted ? "packets lost" : "packets too many")"
    case .received(_, let wanted, let got): "\(got < wanted ? "frames lost" : "frames too many")"
    case .taken(let wanted): wanted ? "frame not taken" : "frame taken for nobody"
    case .busy: "kept busy by events"
    case .events: "events for nothing"
    case .bystander: "another guest not served"
    case .left(let what): "\(what) left behind"
    }
  }

  /// What was found, with its numbers.
  var description: String {
    switch self {
    case .state, .error, .taken, .events, .bystander, .left: signature
    case .mapped(let wanted, let got), .ports(let wanted, let got), .frames(let wanted, let got):
      "\(signature): \(got), not \(wanted)"
    case .answers(let queue, let wanted, let got), .received(let queue, let wanted, let got):
      "\(signature), queue \(queue): \(got), not \(wanted)"
    case .busy(let most, let got): "\(signature): \(got) steps, not \(most) at most"
    }
  }
}
