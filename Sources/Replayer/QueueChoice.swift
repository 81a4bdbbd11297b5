/// A queue that is replayed while others are left out.
public struct QueueChoice: Hashable, Sendable {
  /// Its vif, by its place in the header; `nil` for each.
  public var vif: UInt16?
  /// Its number.
  public var queue: UInt16

  /// Chooses a queue.
  public init(vif: UInt16? = nil, queue: UInt16) {
    self.vif = vif
    self.queue = queue
  }

  /// Whether a queue of a vif is meant.
  func means(_ queue: UInt16, of vif: UInt16) -> Bool {
    self.queue == queue && self.vif ?? vif == vif
  }
}

extension ReplayOptions {
  /// Whether a queue of a vif is replayed.
  func replays(_ queue: Int, of vif: UInt16) -> Bool {
    queues.isEmpty || queues.contains { $0.means(UInt16(clamping: queue), of: vif) }
  }
}
