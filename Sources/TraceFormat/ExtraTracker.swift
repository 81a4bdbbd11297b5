/// Tells extra infos from requests and responses, by the flags of what stands before them.
struct ExtraTracker: ~Copyable {
  /// By vif and queue: whether an extra info follows, and whether a packet goes on. Pairs that
  /// collide spoil how a line looks, not what it says.
  private var states = WordTable(bits: 12)

  /// Whether a slot or response is an extra info.
  mutating func isExtra(_ event: TraceEvent) -> Bool {
    let pair = Lanes.pair(vif: event.vif, queue: event.queue)
    let place = Int(pair &* 0x9e37_79b1 >> 20)
    switch event.body {
    case .slot(.tx, _, let words):
      return next(place, shift: 0, flags: words.w1 >> 16, extraFlags: words.w0 >> 8)
    case .rxResponse(_, let word0, let word1):
      return next(place, shift: 2, flags: word1, extraFlags: word0 >> 8)
    default: return false
    }
  }

  private mutating func next(
    _ place: Int, shift: UInt32, flags: UInt32, extraFlags: UInt32
  ) -> Bool {
    let state = states[place] >> shift & 3
    let isExtra = state & 1 != 0
    let isFurther = state & 2 != 0
    var following: UInt32
    if isExtra {
      following = state & 2 | extraFlags & 1
    } else {
      following = flags >> 1 & 2
      if !isFurther { following |= flags >> 3 & 1 }
    }
    states[place] = states[place] & ~(3 << shift) | following << shift
    return isExtra
  }
}
