/// How options follow each other, and which of them are about nobody.
struct OptionRules: Sendable {
  /// Types of one octet.
  var single: Set<Int>
  /// Types that stay whole.
  var kept: Set<Int>
  /// Types that are an Ethernet address.
  var addresses: Set<Int> = []
  /// Octets of an option whose length says `size`.
  var length: @Sendable (_ size: Int) -> Int

  /// No operation stands alone; a router alert stays.
  static let ipv4 = OptionRules(single: [1], kept: [148]) { $0 }
  /// No operation stands alone; segment size, window scale, selective acknowledgement and times stay.
  static let tcp = OptionRules(single: [1], kept: [2, 3, 4, 5, 8]) { $0 }
  /// One octet of filling stands alone; a router alert and a jumbo length stay.
  static let ipv6 = OptionRules(single: [0], kept: [5, 194]) { $0 + 2 }
  /// Lengths count eight octets; a path's size stays, link-layer addresses are addresses.
  static let neighbour = OptionRules(single: [], kept: [5], addresses: [1, 2]) { $0 * 8 }
}

extension FrameParser {
  /// Takes options: their types and lengths stay, what they say is replaced where it may be about
  /// somebody. What stands behind the last one, or behind one that is none, counts as payload.
  mutating func takeOptions(from start: Int, to end: Int, _ rules: OptionRules) {
    var place = start
    while place + 1 < end, let type = octet(at: place), let size = octet(at: place + 1) {
      guard !rules.single.contains(type) else {
        place += 1
        continue
      }
      let next = place + rules.length(size)
      guard next >= place + 2, next <= end else {
        return layout.add(.payload, min(place + 2, end)..<end)
      }
      take(option: type, (place + 2)..<next, rules)
      place = next
    }
  }

  private mutating func take(option type: Int, _ octets: Range<Int>, _ rules: OptionRules) {
    guard !rules.kept.contains(type) else { return }
    let isAddress = rules.addresses.contains(type) && octets.count == 6
    layout.add(isAddress ? .mac : .payload, octets)
  }
}
