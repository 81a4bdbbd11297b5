public import Netif

/// The multicast addresses a guest asked for (Linux: `xenvif_mcast_add`, `xenvif_mcast_del`).
public struct MulticastFilter: Sendable {
  /// Addresses in the order they were added; one added twice stands twice.
  public private(set) var addresses: [MACAddress] = []

  /// An empty list.
  public init() {}

  /// Adds an address. Linux neither asks whether it is a multicast address nor whether it is there.
  ///
  /// - Throws: `TxRejection.multicastListFull` at `limit` entries.
  public mutating func add(
    _ address: MACAddress, limit: Int = NetifLimits.multicastAddresses
  ) throws(TxRejection) {
    guard addresses.count < limit else { throw .multicastListFull }
    addresses.append(address)
  }

  /// Removes the first entry that matches; one that is not there is no error.
  public mutating func remove(_ address: MACAddress) {
    if let place = addresses.firstIndex(of: address) { addresses.remove(at: place) }
  }

  /// Removes all.
  mutating func removeAll() { addresses.removeAll(keepingCapacity: true) }

  /// Has the same as `other`, in room of its own.
  mutating func take(_ other: MulticastFilter) {
    removeAll()
    addresses += other.addresses
  }

  /// Whether the list has this address.
  public func contains(_ address: MACAddress) -> Bool { addresses.contains(address) }
}
