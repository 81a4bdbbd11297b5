package import Netif
package import XenRing

// A queue of a fuzz run plays one guest after the other: each finds it as a new one is, and it takes no
// memory for that.

extension TxQueue where Memory: ~Copyable {
  /// How far the guest's credit goes.
  package var credit: CreditScheduler { pipeline.intake.credit }

  /// Begins anew on another ring. What was held is forgotten.
  package func restart(
    on ring: consuming BackRing<Memory, TxRequest, TxResponse>, credit: CreditScheduler
  ) {
    pipeline.restart(at: ring.requestConsumer, credit)
    self.ring = ring
  }
}

extension RxQueue where Memory: ~Copyable {
  /// Begins anew on another ring. What waited is forgotten.
  package func restart(on ring: consuming BackRing<Memory, RxRequest, RxResponse>) {
    self.ring = ring
    forgetAll()
  }
}

extension ControlQueue where Memory: ~Copyable {
  /// Begins anew on another ring. What was set stays.
  package func restart(on ring: consuming BackRing<Memory, ControlRequest, ControlResponse>) {
    self.ring = ring
  }
}

extension VifContext {
  /// Begins anew for a guest that has set nothing and was not cut off.
  package func restart(features: NetifFeatures, headroom: UInt16) {
    board.restart { settings in
      settings.configuration.features = features
      settings.configuration.receiveHeadroom = headroom
      settings.hash.forget()
      settings.multicast.removeAll()
    }
  }
}
