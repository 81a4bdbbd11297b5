/// The rules of a vif's life on xenbus that a test can take away (`TxRules`); nobody else changes them.
package struct LifeRules: Hashable, Sendable {
  /// Whether a frontend must have a queue at least.
  package var requiresQueue = true
  /// Whether an attempt to connect that fails gives back what it had by then.
  package var cleansUp = true
  /// Whether the multicast addresses of a guest go with its rings.
  package var forgetsAddresses = true
  /// Nanoseconds that holders of a guest's frames have to end.
  package var closingLimit = VifDevice.closingLimit

  /// All rules.
  package init() {}
}
