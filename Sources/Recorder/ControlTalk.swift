import Netfront
import Netif
import XenInterface
import XenRing

/// What a simulated guest asks over its control ring: every message there is, right and wrong.
struct ControlTalk {
  /// Messages that one step asks at most, each with a page of its own.
  private static let most = 3

  private let ring: FrontChannel<ControlRequest, ControlResponse>
  private let pages: any GrantedPages
  private let queues: UInt32
  private var random: SeededGenerator
  private var count: UInt16 = 0

  init(
    _ channel: ControlChannel, queues: Int, seed: UInt64, backend: DomainID, xen: DomainInterface
  ) throws(NetfrontError) {
    ring = channel.ring
    self.queues = UInt32(queues)
    random = SeededGenerator(seed: seed &* 5)
    do throws(GrantError) {
      pages = try xen.allocator.share(Self.most, with: backend, access: .readOnly)
    } catch { throw .grant(error) }
  }

  /// Takes the answers that have come and asks anew.
  mutating func step() throws(BackendFault) {
    var left = try ring.countedResponses()
    while left > 0 {
      do throws(RingViolation) { _ = try ring.takeResponse() } catch { return }
      left -= 1
    }
    // The pages belong to what was asked before.
    guard ring.requestProducer == ring.responseConsumer else { return }
    for page in 0..<Int(random.next() % UInt64(Self.most + 1)) { ring.put(message(page)) }
    ring.armResponseEvent()
    ring.publish()
  }

  private mutating func message(_ page: Int) -> ControlRequest {
    count &+= 1
    let type = UInt16(random.next() % 12)
    var grant = pages.grants[page].rawValue
    if random.next() % 8 == 0 { grant = 60_000 }
    switch ControlMessage(rawValue: type) {
    case .setHashAlgorithm:
      return ControlRequest(id: count, type: type, data0: below(8) == 0 ? below(3) : 1)
    case .setHashFlags: return ControlRequest(id: count, type: type, data0: 15 - below(3))
    case .setHashKey:
      write((0..<40).map { _ in UInt8(truncatingIfNeeded: random.next()) }, page)
      return ControlRequest(id: count, type: type, data0: grant, data1: 30 + below(12))
    case .setHashMappingSize: return ControlRequest(id: count, type: type, data0: below(130))
    case .setHashMapping:
      let entries = below(24)
      for entry in 0..<Int(entries) {
        let queue = below(40) == 0 ? queues : below(queues)
        write([UInt8(truncatingIfNeeded: queue), 0, 0, 0], page, at: 4 * entry)
      }
      return ControlRequest(
        id: count, type: type, data0: grant, data1: entries, data2: below(64))
    default:
      return ControlRequest(
        id: count, type: type, data0: below(99), data1: below(99), data2: below(99))
    }
  }

  private mutating func below(_ bound: UInt32) -> UInt32 {
    UInt32(random.next() % UInt64(bound))
  }

  private func write(_ octets: [UInt8], _ page: Int, at offset: Int = 0) {
    pages.setOctets(octets.span.octets, page: page, at: offset)
  }
}
