/// What a guest said it can receive, as negotiated through the store.
public struct NetifFeatures: OptionSet, Hashable, Sendable {
  /// The bits.
  public let rawValue: UInt16
  /// Takes the bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }
  /// `feature-sg`: packets over several slots.
  public static var scatterGather: NetifFeatures { NetifFeatures(rawValue: 1) }
  /// `feature-gso-tcpv4`.
  public static var gsoTCPv4: NetifFeatures { NetifFeatures(rawValue: 2) }
  /// `feature-gso-tcpv6`.
  public static var gsoTCPv6: NetifFeatures { NetifFeatures(rawValue: 4) }
  /// `feature-rx-notify`: the guest tells of new RX requests, so stalls can be judged.
  public static var rxNotify: NetifFeatures { NetifFeatures(rawValue: 8) }
  /// The opposite of `feature-no-csum-offload`: IPv4 checksums may be left blank.
  public static var checksumIPv4: NetifFeatures { NetifFeatures(rawValue: 16) }
  /// `feature-ipv6-csum-offload`.
  public static var checksumIPv6: NetifFeatures { NetifFeatures(rawValue: 32) }
  /// `request-multicast-control`: only listed multicast addresses are wanted.
  public static var multicastControl: NetifFeatures { NetifFeatures(rawValue: 64) }
  /// `feature-split-event-channels` was used: TX and RX have a port each.
  public static var splitEventChannels: NetifFeatures { NetifFeatures(rawValue: 128) }
}

/// The protocol's numbers. Sources: xen/io/netif.h, and Linux `drivers/net/xen-netback`.
public enum NetifLimits {
  /// Octets in an Ethernet header: the least a first slot may carry.
  public static var ethernetHeader: UInt16 { 14 }
  /// Slots that every backend must accept in a packet (C: `XEN_NETIF_NR_SLOTS_MIN`).
  public static var slotsGuaranteed: Int { 18 }
  /// Slots above which Linux cuts a guest off (module parameter `fatal_skb_slots`).
  public static var slotsFatal: Int { 20 }
  /// Octets that Linux copies into the linear area (C: `XEN_NETBACK_TX_COPY_LEN`).
  public static var linearLength: UInt16 { 128 }
  /// Fragments that a Linux packet holds beside its linear area (C: `MAX_SKB_FRAGS`).
  public static var fragments: Int { 17 }
  /// Slots in a TX or RX ring of one page.
  public static var ringSize: UInt32 { 256 }
  /// Slots in a control ring of one page.
  public static var controlRingSize: UInt32 { 128 }
  /// Addresses in a vif's multicast list (C: `XEN_NETBK_MCAST_MAX`).
  public static var multicastAddresses: Int { 64 }
}
