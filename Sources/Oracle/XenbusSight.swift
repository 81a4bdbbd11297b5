/// What a backend can see of a vif when it looks: the store, and what the guest has granted and opened.
public struct XenbusSight {
  /// A key of the frontend's directory, by its path below it; `nil` when it is not there.
  public var key: (String) -> String?
  /// Whether the backend's directory is there.
  public var isOffered = true
  /// Whether the toolstack has written Closing into the backend's state, over whatever stood there.
  public var isAskedToClose = false
  /// Whether the toolstack has said that the vif is to go.
  public var isOffline = false
  /// Whether the hotplug script is done.
  public var isPlugged = true
  /// How many requests a granted ring page claims beyond its answers; `nil` when it cannot be mapped.
  public var lead: (UInt32) -> UInt32?
  /// Whether a port of the guest's can be bound.
  public var isOpen: (UInt32) -> Bool
  /// Whether the frontend has written since the last look whether it asks for groups of addresses.
  public var isGroupKeyNew = false
  /// Frames of the guest's that somebody holds.
  public var heldFrames = 0
  /// Nanoseconds since some start.
  public var now: UInt64 = 0

  /// Describes what can be seen.
  public init(
    key: @escaping (String) -> String?, lead: @escaping (UInt32) -> UInt32?,
    isOpen: @escaping (UInt32) -> Bool
  ) {
    self.key = key
    self.lead = lead
    self.isOpen = isOpen
  }

  /// The number at the start of a key's value: blanks before it are passed over, no sign is taken, and of
  /// one that is too large the low 32 bits count, as Linux's `sscanf` with `%u` does.
  func number(_ name: String) -> UInt32? {
    var digits = 0
    var number: UInt32 = 0
    for octet in (key(name) ?? "").utf8 {
      switch octet {
      case 0x30...0x39:
        digits += 1
        number = number &* 10 &+ UInt32(octet - 0x30)
      case 0x09...0x0d, 0x20: if digits > 0 { return number }
      default: return digits == 0 ? nil : number
      }
    }
    return digits == 0 ? nil : number
  }
}
