internal import ArgumentParser
internal import XenInterface

/// What Wireshark can capture from.
enum ExtcapInterface: Hashable {
  case simulation
  /// A vif of this host.
  case vif(VifPlace)

  private static let prefix = "ringside-"

  /// All that there are here, of vifs those that can be recorded.
  static var all: [ExtcapInterface] {
    // Where there is no Xen there is the simulation still.
    let vifs = (try? HostVifs.all(MachineFacts())) ?? []
    return [.simulation]
      + vifs.filter(\.isRecordable).compactMap { VifPlace(argument: $0.name) }.map { .vif($0) }
  }

  /// As Wireshark knows it among all others.
  var name: String {
    switch self {
    case .simulation: Self.prefix + "simulation"
    case .vif(let vif): Self.prefix + vif.description
    }
  }

  /// The line that Wireshark asks for.
  var sentence: String {
    let words =
      switch self {
      case .simulation: "a guest on the simulation"
      case .vif(let vif): "\(vif) and its rings"
      }
    return "interface {value=\(name)}{display=Ringside: \(words)}"
  }

  /// The lines that say what can be chosen.
  var options: [String] {
    let common = """
      arg {number=0}{call=--snaplen}{display=Octets of each packet}{type=unsigned}\
      {range=0,65535}{default=65535}{tooltip=How many are kept; 0 keeps none}
      """
    guard self == .simulation else { return [common] }
    return [
      common,
      """
      arg {number=1}{call=--seed}{display=Seed}{type=unsigned}{default=1}\
      {tooltip=The same seed gives the same traffic}
      """,
      """
      arg {number=2}{call=--bursts}{display=Bursts in a second}{type=unsigned}\
      {range=1,1000}{default=10}{tooltip=How often the guest and the network send}
      """,
    ]
  }
}

extension ExtcapInterface: ExpressibleByArgument {
  init?(argument: String) {
    guard argument.hasPrefix(Self.prefix) else { return nil }
    let rest = String(argument.dropFirst(Self.prefix.count))
    if rest == "simulation" {
      self = .simulation
    } else if let vif = VifPlace(argument: rest) {
      self = .vif(vif)
    } else {
      return nil
    }
  }
}
