import Netif
import XenInterface
import XenRing

/// Makes sequences of control messages.
///
/// Valid messages, such as stand on a boundary, and malformed ones mix in each sequence.
public struct ControlGenerator: CaseGenerating, Drawing {
  /// See `CaseGenerating`.
  public static let storedSeed: UInt64 = 0x6374_726c_7269_6e67
  /// See `CaseGenerating`.
  public static let storedCount = 600

  var random: SeededGenerator
  /// Entries of the mapping as the sequence's messages ask for it.
  private var size: UInt32 = 0

  /// See `CaseGenerating`.
  public init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  /// See `CaseGenerating`.
  public mutating func cases(_ count: Int) -> [ControlCase] {
    (0..<count).map { number in
      size = 0
      let publishes = (0..<pick(1...3)).map { _ in
        ControlStep.publish((0..<pick(2...10)).map { _ in message() }, beyond: 0)
      }
      return ControlCase("random/\(number)", start: start(), publishes)
    }
  }

  private mutating func start() -> UInt32? {
    chance(1, of: 10) ? pick(0xffff_fff0...0xffff_ffff) : nil
  }

  private mutating func message() -> ControlSlot {
    var message =
      switch pick(0...5) {
      case 0...2: valid()
      case 3...4: boundary()
      default: malformed()
      }
    message.request.id = pick(0...(.max))
    return message
  }
}

extension ControlGenerator {
  private mutating func valid() -> ControlSlot {
    switch pick(0...7) {
    case 0: ControlSlot(.getHashFlags)
    case 1: ControlSlot(.getHashMappingSize)
    case 2: ControlSlot(.setHashAlgorithm, chance(3, of: 4) ? 1 : 0)
    case 3: ControlSlot(.setHashFlags, pick(0...15))
    case 4: ControlSlot(.setHashKey, ControlPages.key.grant, pick(0...40))
    case 5: sized(pick(0...128))
    default: mapping(pick(from: [.bothQueues, .firstQueue, .badBehind]), pick(0...size))
    }
  }

  private mutating func boundary() -> ControlSlot {
    switch pick(0...5) {
    case 0: ControlSlot(.setHashAlgorithm, pick(0...2))
    case 1: ControlSlot(.setHashFlags, pick(from: [0, 15, 16, 31]))
    case 2: ControlSlot(.setHashKey, anyGrant(), pick(from: [0, 1, 39, 40, 41]))
    case 3: sized(pick(from: [0, 1, 127, 128, 129]))
    case 4: mapping(pick(from: ControlPages.allCases), pick(from: [0, 1, 63, 64, 127, 128]))
    default:
      ControlSlot(
        .setHashMapping, anyGrant(), size &+ pick(from: [0, 1, .max]), pick(from: [0, 1, .max]))
    }
  }

  private mutating func malformed() -> ControlSlot {
    switch pick(0...3) {
    case 0: ControlSlot(pick(from: [0, 8, 9, 10, 11, 0xffff]), word(), word(), word())
    case 1: ControlSlot(.setHashKey, anyGrant(), word())
    case 2: ControlSlot(.setHashMapping, anyGrant(), word(), word())
    default:
      // No reference in it is granted, whatever the type makes of its first argument.
      ControlSlot(pick(0...12), word() | 0x4000_0000, word(), word())
    }
  }

  /// A message that sets the size of the mapping.
  private mutating func sized(_ count: UInt32) -> ControlSlot {
    if count <= 128 { size = count }
    return ControlSlot(.setHashMappingSize, count)
  }

  /// A part of the mapping that ends with it, or would.
  private mutating func mapping(_ page: ControlPages, _ count: UInt32) -> ControlSlot {
    NamedControlCases.map(page, count, at: chance(1, of: 2) ? size &- count : 0)
  }

  private mutating func anyGrant() -> CaseGrant {
    chance(1, of: 4)
      ? pick(from: [.unknown, .revoked]) : pick(from: ControlPages.allCases.map(\.grant))
  }

  private mutating func word() -> UInt32 {
    chance(1, of: 2)
      ? pick(0...(.max)) : pick(from: [0, 1, 127, 128, 1024, 0x4000, 0x4000_0001, 1 << 31, .max])
  }
}
