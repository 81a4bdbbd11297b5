/// The extra infos of one packet, by type. The last one of a type wins, as in Linux.
public struct TxExtras: Hashable, Sendable, BitwiseCopyable {
  /// Slots they took in the ring.
  public private(set) var slotCount: UInt16 = 0
  /// Segment size and type, not yet judged.
  public private(set) var segmentation: Segmentation?
  /// Address to add to the multicast list.
  public private(set) var multicastAdd: MACAddress?
  /// Address to remove from the multicast list.
  public private(set) var multicastDelete: MACAddress?
  /// Flow hash of a known type.
  public private(set) var hash: FlowHash?

  /// No extra infos.
  public init() {}

  /// Takes the next one.
  public mutating func take(_ info: ExtraInfo) {
    slotCount += 1
    switch info {
    case .gso(let size, let type): segmentation = Segmentation(size: size, type: type)
    case .multicastAdd(let address): multicastAdd = address
    case .multicastDelete(let address): multicastDelete = address
    case .hash(let type, _, let value): hash = type < 4 ? FlowHash(value: value, type: type) : nil
    case .xdp: break
    }
  }
}
