import Netback
import Netfront
import Netif
import XenInterface
import XenRing

/// A guest of the same backend that wants nothing but that its packets come.
final class LifeBystander: FrameSink {
  private let front: Netfront
  private var sender: TxSender?
  private var number: UInt16 = 0
  private var came: [LifePacket?] = []
  private var gathered: [UInt8] = []

  init(_ path: VifPath, xen: DomainInterface, loop: any WorldLoop) {
    front = Netfront(path, xen: xen, loop: loop)
  }

  func deliver(_ batch: FrameBatch, queue: UInt16) {
    for place in batch.frames.indices {
      let isWhole = batch.gather(batch.frames[place], in: &gathered)
      came.append(isWhole ? LifePacket(octets: gathered) : nil)
    }
  }

  /// Says that it has rings.
  func connect() {
    try? front.open(NetfrontOptions(txPages: 2, rxPages: 1))
    sender = front.queues.first.map { TxSender($0) }
  }

  /// Sends a packet.
  func send() {
    number &+= 1
    _ = try? sender?.send(LifePacket(.plain, number).octets.span.octets)
    front.queues.first?.tx.publish()
  }

  /// Whether what was sent has come and was answered.
  func isServed() -> Bool {
    defer { came.removeAll(keepingCapacity: true) }
    let answers = try? sender?.collect()
    return answers?.map(\.status) == [.okay] && came == [LifePacket(.plain, number)]
  }
}
