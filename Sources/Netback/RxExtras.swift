package import Netif

/// The extras of a frame for the guest, in ascending order of type, as Linux writes them.
struct RxExtras: Sendable {
  private var infos: [3 of ExtraInfo] = .init(repeating: .xdp(headroom: 0))
  /// How many there are.
  private(set) var count = 0

  /// Gathers what the frame carries and the guest has asked for.
  init(_ offload: FrameOffload, _ configuration: VifConfiguration) {
    if let gso = offload.segmentation, configuration.accepts(gso) {
      append(.gso(size: gso.size, type: gso.type))
    }
    if let hash = offload.hash {
      append(.hash(type: hash.type, algorithm: FlowHash.toeplitz, value: hash.value))
    }
    if configuration.receiveHeadroom > 0 {
      append(.xdp(headroom: configuration.receiveHeadroom))
    }
  }

  /// The extra at `place`, of `count`.
  subscript(place: Int) -> ExtraInfo { infos[place] }

  private mutating func append(_ info: ExtraInfo) {
    infos[count] = info
    count += 1
  }
}

extension VifConfiguration {
  fileprivate func accepts(_ segmentation: Segmentation) -> Bool {
    features.accepts(segmentation) || !receiveRules.checksSegmentation
  }
}

extension NetifFeatures {
  /// Whether the guest takes frames that are still to be cut so.
  package func accepts(_ segmentation: Segmentation) -> Bool {
    switch segmentation.type {
    case Segmentation.tcpv4: contains(.gsoTCPv4)
    case Segmentation.tcpv6: contains(.gsoTCPv6)
    default: false
    }
  }
}
