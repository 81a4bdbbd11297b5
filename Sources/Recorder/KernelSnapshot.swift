import KernelTap
import Netback
import Netif
import TraceFormat
import XenInterface
import XenRing

/// Builds a trace's snapshot from those that the tap took of each queue.
enum KernelSnapshot {
  static func vif(
    _ domain: DomainID, _ handle: VifHandle, _ vif: TapVif, tx: [TapTxSnapshot],
    rx: [TapRxSnapshot], control: TapControlSnapshot?
  ) -> VifSnapshot {
    VifSnapshot(
      domain: domain, handle: handle, features: features(vif), isDisabled: vif.isDisabled,
      multicast: tx.first?.multicast.map(MACAddress.init(octets:)) ?? [],
      hash: control.map(hash) ?? HashSnapshot(), control: control?.ring.map(indices),
      keys: headroom(vif), queues: zip(tx, rx).map(queue))
  }

  private static func hash(_ control: TapControlSnapshot) -> HashSnapshot {
    HashSnapshot(
      algorithm: control.algorithm, types: control.types,
      key: control.key.allSatisfy { $0 == 0 } ? [] : control.key, mapping: control.mapping)
  }

  /// What the guest wants to stay free in its pages stands in no ring.
  private static func headroom(_ vif: TapVif) -> [VifSnapshot.Key] {
    vif.headroom == 0
      ? [] : [VifSnapshot.Key(name: VifSnapshot.Key.headroom, value: "\(vif.headroom)")]
  }

  private static func features(_ vif: TapVif) -> NetifFeatures {
    var features: NetifFeatures = []
    if vif.scatterGather { features.insert(.scatterGather) }
    // Bits of `gso_mask`: the numbers of the GSO types.
    if vif.segmentation & 1 << Segmentation.tcpv4 != 0 { features.insert(.gsoTCPv4) }
    if vif.segmentation & 1 << Segmentation.tcpv6 != 0 { features.insert(.gsoTCPv6) }
    if vif.checksumIPv4 { features.insert(.checksumIPv4) }
    if vif.checksumIPv6 { features.insert(.checksumIPv6) }
    if vif.multicastControl { features.insert(.multicastControl) }
    return features
  }

  private static func queue(_ tx: TapTxSnapshot, _ rx: TapRxSnapshot) -> QueueSnapshot {
    var queue = QueueSnapshot(tx: indices(tx.ring), rx: indices(rx.ring))
    queue.unanswered = tx.pending.map {
      QueueSnapshot.Unanswered(
        request: TxRequest(words: [$0.request[0], $0.request[1], $0.request[2], 0]),
        extras: UInt8(clamping: $0.extras))
    }
    queue.txSlots = slots(tx.slots)
    queue.rxSlots = slots(rx.slots)
    queue.remainingCredit = tx.remainingCredit
    queue.creditBytes = tx.creditBytes
    queue.creditMicroseconds = tx.creditMicroseconds
    queue.queuedFrames = rx.queuedFrames
    queue.queuedOctets = UInt64(rx.queuedOctets)
    return queue
  }

  private static func indices(_ ring: TapRing) -> QueueSnapshot.Indices {
    var indices = QueueSnapshot.Indices()
    indices.requestConsumer = ring.requestConsumer
    indices.responseProducer = ring.privateProducer
    indices.requestProducer = ring.requestProducer
    indices.requestEvent = ring.requestEvent
    indices.responseEvent = ring.responseEvent
    return indices
  }

  private static func slots(_ slots: TapSlots) -> [QueueSnapshot.Slot] {
    (0..<slots.count).map { place in
      QueueSnapshot.Slot(
        index: slots.first.advanced(by: UInt32(place)), words: slots.words(at: place))
    }
  }
}

extension VifSnapshot {
  /// Follows the multicast list: a packet that asks for a change of it was answered OKAY. Adding wins.
  mutating func takeMulticast(_ infos: TxExtras) {
    if let address = infos.multicastAdd {
      multicast.append(address)
    } else if let address = infos.multicastDelete, let place = multicast.firstIndex(of: address) {
      multicast.remove(at: place)
    }
  }
}

extension MACAddress {
  /// Takes an address's six octets.
  fileprivate init(octets: [UInt8]) {
    self.init(bits: octets.reduce(0) { $0 << 8 | UInt64($1) })
  }
}
