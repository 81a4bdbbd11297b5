import Netfront
import Netif
import XenInterface
import XenRing

/// A guest of the same backend that wants nothing but that its packets come.
final class LifeBystander {
  /// Who gets its frames.
  let sink = LifeSink()
  private let front: Netfront
  private var sender: TxSender?
  private var number: UInt16 = 0

  init(_ path: VifPath, xen: DomainInterface, loop: any WorldLoop) {
    front = Netfront(path, xen: xen, loop: loop)
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
    let answers = try? sender?.collect()
    return answers?.map(\.status) == [.okay] && sink.take() == [LifePacket(.plain, number)]
  }
}
