import XenInterface
import XenRing

/// The pages that control messages point at: the same octets on every machine.
enum ControlPages: UInt8, CaseIterable {
  /// A mapping to the first two queues, in turn.
  case bothQueues
  /// A mapping to the first queue.
  case firstQueue
  /// A mapping whose 64th entry is the number of queues of a vif with two.
  case badInTheMiddle
  /// A mapping whose first entry is no queue of any vif.
  case badFirst
  /// A mapping whose 128th entry is negative, if it were signed.
  case badLast
  /// A mapping whose entries are bad from the 129th on.
  case badBehind
  /// A key.
  case key

  /// Reference to the page.
  var grant: CaseGrant { .page(rawValue) }

  /// The page's octets.
  var octets: [UInt8] {
    switch self {
    case .bothQueues: Self.mapping { UInt32($0 % 2) }
    case .firstQueue: Self.mapping { _ in 0 }
    case .badInTheMiddle: Self.mapping { $0 == 63 ? 2 : 1 }
    case .badFirst: Self.mapping { $0 == 0 ? .max : 1 }
    case .badLast: Self.mapping { $0 == 127 ? 1 << 31 : 1 }
    case .badBehind: Self.mapping { $0 < 128 ? 1 : 2 }
    case .key: CasePages.octets(of: 0)
    }
  }

  private static func mapping(_ queue: (Int) -> UInt32) -> [UInt8] {
    (0..<1024).flatMap { queue($0).littleEndianOctets }
  }
}

extension UInt32 {
  /// An entry of a mapping as it stands in a guest's page.
  package var littleEndianOctets: [UInt8] {
    var octets: [UInt8] = []
    octets.append(littleEndian: self)
    return octets
  }
}
