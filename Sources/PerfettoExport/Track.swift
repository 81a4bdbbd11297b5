import TraceFormat

/// A place where events are shown, below each other: a vif has its life, its control ring and its queues, a
/// queue its rings, grants and frames.
struct Track: Hashable {
  /// What the tracks of a vif are grouped by.
  struct Group: Hashable {
    /// The vif's place in the trace's header.
    var vif: UInt16
    /// 0 for the vif as a whole, 1 for its control ring, queues from 2 on.
    private(set) var number: UInt32

    /// The vif as a whole.
    static func vif(_ vif: UInt16) -> Group { Group(vif: vif, number: 0) }

    /// The vif's control ring.
    static func control(of vif: UInt16) -> Group { Group(vif: vif, number: 1) }

    /// One of the vif's queues.
    static func queue(_ queue: UInt16, of vif: UInt16) -> Group {
      Group(vif: vif, number: 2 + UInt32(queue))
    }

    /// What the group is called; a vif has its own name.
    var name: String { number == 1 ? "control ring" : "queue \(number &- 2)" }
    /// Whether it is the vif, which all others are in.
    var isVif: Bool { number == 0 }
  }

  /// What a track of a group shows, in the order in which they stand.
  enum Kind: UInt64 {
    case group = 0
    case life
    case controlRing, messages, controlRequests
    case txRing, txPackets, txRequests
    case rxRing, rxFrames, rxRequests
    case grants, mappedGrants, network, queuedFrames

    /// What it is called.
    var name: String {
      switch self {
      case .group, .life, .messages, .grants, .network: "\(self)"
      case .controlRing: "ring"
      case .controlRequests: "outstanding requests"
      case .txRing: "tx ring"
      case .txPackets: "tx packets"
      case .txRequests: "tx outstanding requests"
      case .rxRing: "rx ring"
      case .rxFrames: "rx frames"
      case .rxRequests: "rx outstanding requests"
      case .mappedGrants: "mapped grants"
      case .queuedFrames: "queued frames"
      }
    }

    /// Whether it shows a number over time.
    var isCounter: Bool {
      switch self {
      case .controlRequests, .txRequests, .rxRequests, .mappedGrants, .queuedFrames: true
      default: false
      }
    }

    /// Polls of a ring, and what they take and answer.
    static func ring(_ ring: TraceRing) -> Kind {
      switch ring {
      case .tx: .txRing
      case .rx: .rxRing
      case .control: .controlRing
      }
    }

    /// Requests of a ring that are published and not answered.
    static func requests(_ ring: TraceRing) -> Kind {
      switch ring {
      case .tx: .txRequests
      case .rx: .rxRequests
      case .control: .controlRequests
      }
    }
  }

  var group: Group
  var kind: Kind
  /// Which of several of the same name, on which slices that overlap stand side by side.
  var lane: UInt16 = 0

  /// Where it stands among those with the same parent.
  var rank: UInt64 { kind == .group ? UInt64(group.number) + 1 : kind.rawValue }

  /// The track's number in the file.
  var uuid: UInt64 {
    1 << 63 | UInt64(group.vif) << 40 | UInt64(group.number) << 20 | kind.rawValue << 12
      | UInt64(lane)
  }

  /// The track that it stands below; `nil` for a vif.
  var parent: Track? {
    if kind != .group { return Track(group: group, kind: .group) }
    return group.isVif ? nil : Track(group: .vif(group.vif), kind: .group)
  }
}
