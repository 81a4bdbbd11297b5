import Netif
public import TraceFormat
import XenRing

extension HashSnapshot {
  /// Describes what a guest has set so far.
  package init(_ state: HashState) {
    let key = state.key == ToeplitzKey() ? [] : (0..<ToeplitzKey.octetCount).map { state.key[$0] }
    self.init(
      algorithm: state.algorithm.rawValue, types: state.types.rawValue, key: key,
      mapping: state.mapping)
  }
}

extension HashState {
  /// Goes on from what a trace says; `nil` when no backend was ever in such a state.
  public init?(_ snapshot: HashSnapshot) {
    let types = HashTypes(rawValue: snapshot.types)
    guard let algorithm = HashAlgorithm(rawValue: snapshot.algorithm),
      types.isSubset(of: .all), snapshot.key.count <= ToeplitzKey.octetCount,
      snapshot.mapping.count <= Self.mappingCapacity
    else { return nil }
    self.init(
      algorithm: algorithm, types: types, key: ToeplitzKey(snapshot.key.span.octets),
      mapping: snapshot.mapping)
  }
}

extension VifSnapshot.Key {
  /// The key that tells how much of each page for the guest stays free, as it is in force.
  public static let headroom = "frontend/" + frontendHeadroom
  /// The name of that key in the frontend's directory, by which a change of it is told.
  package static let frontendHeadroom = VifKeys.xdpHeadroom
  /// The key that tells which way data comes where guests may ask for pages to be kept mapped. It stands
  /// in no store.
  public static let path = "backend/ringside-path"
}

extension VifConfiguration {
  /// Headroom and path as a trace has them; nothing where they are as usual.
  package var ownKeys: [VifSnapshot.Key] {
    var keys: [VifSnapshot.Key] = []
    if receiveHeadroom > 0 {
      keys.append(.init(name: VifSnapshot.Key.headroom, value: "\(receiveHeadroom)"))
    }
    if path == .staged { keys.append(.init(name: VifSnapshot.Key.path, value: path.rawValue)) }
    return keys
  }
}
