import Netback
import Netif
import Netfront

extension SimulatedGuest {
  /// Whether the backend has cut it off.
  public var isCutOff: Bool { device.vif.context.isDisabled }

  /// Publishes a packet whose data crosses the end of its page; Linux cuts a guest off for that.
  public func crossPage() {
    guard let queue = front.queues.first else { return }
    queue.tx.put(
      TxRequest(grant: queue.txPages.grant(of: 0), offset: 4000, flags: [], id: 255, size: 200))
    queue.tx.publish()
  }
}
