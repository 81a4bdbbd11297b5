internal import ArgumentParser

/// A guest's Ethernet address, as it is written on the command line and in the store.
struct GuestAddress: Hashable {
  let octets: [UInt8]

  /// That of guests on the simulation.
  static let usual = GuestAddress(octets: [0x00, 0x16, 0x3e, 0, 0, 1])

  /// `00:16:3e:00:00:01`
  var text: String {
    octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
  }
}

extension GuestAddress: ExpressibleByArgument {
  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    let octets = parts.compactMap { $0.utf8.count == 2 ? UInt8($0, radix: 16) : nil }
    guard parts.count == 6, octets.count == 6 else { return nil }
    self.init(octets: octets)
  }
}
