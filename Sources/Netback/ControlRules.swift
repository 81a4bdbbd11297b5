import Netif

/// The rules of the control ring that a test can take away (`TxRules`); nobody else changes them.
package struct ControlRules: Hashable, Sendable {
  /// When the queues of a mapping are compared with those that there are.
  package enum QueueCheck: Hashable, Sendable {
    /// When they were copied.
    case copied
    /// Before, in the table as it was: what XSA-270 was about.
    case before
    /// Not at all.
    case never
  }

  /// Whether a producer may not be more than a ring ahead.
  package var checksProducer = true
  /// Octets of a key at most.
  package var keyOctets = UInt32(ToeplitzKey.octetCount)
  /// Entries of a mapping at most.
  package var mappingEntries = UInt32(HashState.mappingCapacity)
  /// Whether the end of an update may not wrap.
  package var checksEnd = true
  /// See `QueueCheck`.
  package var queueCheck = QueueCheck.copied
  /// Whether an update that fails changes nothing.
  package var changesWhole = true
  /// Whether unknown types of hashes are refused.
  package var checksTypes = true
  /// Whether types are refused while no algorithm was chosen.
  package var requiresAlgorithm = true
  /// Whether unknown algorithms are refused.
  package var checksAlgorithm = true
  /// Whether messages of unknown types are refused.
  package var refusesTypes = true
  /// Whether a staging message must name a queue that there is.
  package var checksStagedQueue = true
  /// Entries of a list of pages to be staged at most.
  package var stagedEntries = UInt32(StagedGrant.listLimit)
  /// Pages that a queue keeps at most.
  package var stagedPages = StagingTable.capacity
  /// Whether a page that is staged is refused.
  package var stagesOnce = true
  /// Whether of a list that cannot be staged whole nothing is.
  package var stagesWhole = true
  /// Whether a list must take statuses for its pages to go.
  package var writesStatuses = true
  /// Whether pages that were not there do not count.
  package var countsStaged = true

  /// All rules.
  package init() {}
}
