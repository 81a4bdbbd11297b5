import Netif
import XenRing

/// The rules of the RX ring that a test can take away (`TxRules`); nobody else changes them.
package struct RxRules: Hashable, Sendable {
  /// Octets that wait for a guest from which on a frame is refused: Linux has half a ring of pages.
  package var waitingOctets = Int(NetifLimits.ringSize) / 2 * RingLayout.pageSize
  /// Requests that a frame begins without.
  package var slotsMissing: UInt32 = 0
  /// Whether the octets that the guest wants free in each page stay free.
  package var leavesHeadroom = true
  /// Whether the answer to a slot says that it could not be written.
  package var checksGrants = true
  /// Whether a frame that has waited too long is forgotten.
  package var dropsExpired = true
  /// Whether a guest is told only of segmentation that it takes.
  package var checksSegmentation = true

  /// All rules.
  package init() {}
}
