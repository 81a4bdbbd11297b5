import XenInterface

/// What Xen answers to operations that are still to come, instead of doing them. The netback and the models have
/// one each: they ask one after the other.
struct PlayedLies {
  /// By the last octet of the operation's number, for none is further ahead; 0 where it is done.
  private var statuses = [256 of Int16](repeating: 0)
  /// The last octet of the next operation's number.
  private var asked: UInt8 = 0

  /// Has the operation so far ahead be answered so; 0 takes that back.
  mutating func add(ahead: UInt8, status: Int16) { statuses[Int(asked &+ ahead)] = status }

  /// What the next operation is answered, if it is not done.
  mutating func next() -> GrantStatus? {
    let place = Int(asked)
    asked &+= 1
    let status = statuses[place]
    statuses[place] = 0
    return status == 0 ? nil : GrantStatus(rawValue: status)
  }
}
