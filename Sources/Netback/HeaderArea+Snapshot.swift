import Netif
public import TraceFormat
public import XenInterface

// A request that uses a header area says the number of a slot only. So a snapshot has the area's pages, as
// the backend has mapped them.

extension VifSnapshot {
  /// The pages of the header area that a queue had; `nil` when it had none. From a file they may be
  /// any number.
  public func headerPages(ofQueue number: Int) -> [GrantReference]? {
    guard let key = keys.first(where: { $0.name == Key.headerArea(ofQueue: number) }) else {
      return nil
    }
    return key.value.split(separator: ",", omittingEmptySubsequences: false).compactMap {
      UInt32($0).map { GrantReference(rawValue: $0) }
    }
  }
}

extension VifSnapshot.Key {
  fileprivate static func headerArea(ofQueue number: Int) -> String {
    "backend/queue-\(number)/ringside-header-area"
  }
}

extension Vif {
  /// The header areas of the queues as a trace has them.
  var headerKeys: [VifSnapshot.Key] {
    queues.enumerated().compactMap { number, queue in
      queue.headers.map { area in
        VifSnapshot.Key(
          name: VifSnapshot.Key.headerArea(ofQueue: number),
          value: area.grants.map { "\($0.rawValue)" }.joined(separator: ","))
      }
    }
  }
}
