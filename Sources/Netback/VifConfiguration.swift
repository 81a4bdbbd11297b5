public import Netif
public import XenInterface

/// What is fixed when a vif is made.
public struct VifConfiguration: Hashable, Sendable {
  /// The guest.
  public var domain: DomainID
  /// The device number.
  public var handle: VifHandle
  /// How strictly the guest is judged.
  public let profile: RuleProfile
  /// What that means rule by rule.
  package var rules: TxRules
  /// The rules of the RX ring.
  package var receiveRules = RxRules()
  /// The rules of the control ring.
  package var controlRules = ControlRules()
  /// The rules of its life on xenbus.
  package var lifeRules = LifeRules()
  /// In which order TX slots are answered.
  public var order: AnswerOrder
  /// How the data of packets comes.
  public var path: DataPath
  /// Frames of a queue that may be held beyond their delivery (`FrameBatch.keep`), at most a ring of
  /// them.
  public var heldFrames = Int(NetifLimits.ringSize)
  /// Packets that one poll of a TX ring takes at most (Linux: the NAPI weight).
  public var pollBudget: Int
  /// What the guest can receive.
  public var features: NetifFeatures
  /// Octets that stay free before the data in each page for the guest (`xdp-headroom`); less than a
  /// page.
  public var receiveHeadroom: UInt16 = 0

  /// Describes a vif.
  public init(
    domain: DomainID, handle: VifHandle, profile: RuleProfile = .linux, order: AnswerOrder = .ring,
    path: DataPath = .copy, pollBudget: Int = 64, features: NetifFeatures = []
  ) {
    self.domain = domain
    self.handle = handle
    self.profile = profile
    rules = TxRules(profile)
    self.order = order
    self.path = path
    self.pollBudget = pollBudget
    self.features = features
  }
}

/// What a vif has counted since it was made.
public struct VifStatistics: Hashable, Sendable {
  /// Packets from the guest that reached the sink.
  public var txPackets: UInt64 = 0
  /// Octets in them.
  public var txOctets: UInt64 = 0
  /// Packets answered with an error by a rule.
  public var txRejected: UInt64 = 0
  /// Packets lost to a failed grant operation.
  public var txGrantFailures: UInt64 = 0
  /// Times that pages of the guest's were unmapped together.
  public var txUnmapBatches: UInt64 = 0
  /// Pages in them.
  public var txUnmappedPages: UInt64 = 0
  /// Frames whose pages were unmapped, and of which somebody had asked for octets in them. A frame
  /// that is kept counts; what only a tap read does not.
  public var txTouched: UInt64 = 0
  /// Frames that were still held when their queue was closed.
  public var txAbandoned: UInt64 = 0
  /// Packets dropped because their headers could not be read, though answered as taken.
  public var txHeaderDrops: UInt64 = 0
  /// Slots whose data came out of staged pages, and its octets.
  public var txStaged = StagedTally()
  /// Packets to the guest.
  public var rxPackets: UInt64 = 0
  /// Octets in them.
  public var rxOctets: UInt64 = 0
  /// Those that went straight from another vif, without waiting.
  public var rxForwarded: UInt64 = 0
  /// Slots whose data went into staged pages, and its octets.
  public var rxStaged = StagedTally()
  /// Packets that were in the guest's pages when whoever brought them went on.
  public var rxAtOnce: UInt64 = 0
  /// Frames for the guest that found its queue full.
  public var rxRefused: UInt64 = 0
  /// Frames for the guest that waited too long for pages.
  public var rxExpired: UInt64 = 0

  /// Nothing counted yet.
  public init() {}
}
