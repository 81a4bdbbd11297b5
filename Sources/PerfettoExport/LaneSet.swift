/// Lanes for slices that overlap. Perfetto shows tracks of one name and one parent as one.
struct LaneSet {
  /// Lanes at most: as many as a ring has requests. What finds none is not shown as a slice.
  static let most = 256

  private var isBusy: [Bool] = []

  /// Takes the first lane on which there is no slice.
  mutating func take() -> UInt16? {
    if let lane = isBusy.firstIndex(of: false) {
      isBusy[lane] = true
      return UInt16(lane)
    }
    guard isBusy.count < Self.most else { return nil }
    isBusy.append(true)
    return UInt16(isBusy.count - 1)
  }

  /// Gives a lane back whose slice has ended.
  mutating func giveBack(_ lane: UInt16) { isBusy[Int(lane)] = false }
}
