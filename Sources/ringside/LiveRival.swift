internal import ArgumentParser

/// What a live backend is compared with.
enum LiveRival: ExpressibleByArgument, Equatable {
  case simulation
  case domain(UInt16)

  init?(argument: String) {
    if argument == "sim" {
      self = .simulation
    } else {
      guard let domain = UInt16(argument) else { return nil }
      self = .domain(domain)
    }
  }

  /// What the two are called where they differ.
  var sides: ReplaySides {
    switch self {
    case .simulation: ReplaySides(recorded: "the Swift netback", replayed: "the vif's backend")
    case .domain(let domain):
      ReplaySides(recorded: "domain \(domain)'s backend", replayed: "the vif's backend")
    }
  }
}
