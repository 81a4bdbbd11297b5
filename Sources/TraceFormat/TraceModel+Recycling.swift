/// Values that a guest or Xen frees and takes again: TX request ids, RX grefs, map handles.
enum Recycler: UInt32 {
  case txId, rxGrant, handle
}

// A list of the free values, the newest first, as the owner's own free list has them. Most owners
// take the newest again; some the oldest. So a value taken is guessed to be the neighbour of the
// one taken before it, or the newest. Values collide in 512 places; the newer one stays.
extension TraceModel {
  /// How a taken value was foreseen.
  private enum Guess: UInt32 {
    case below, newest, above, next
  }

  private static var places: UInt32 { 512 }

  /// Codes a value that is taken, in fields `number` (which guess) and `number` + 1 (the value).
  @inline(__always) mutating func recycled<C: FieldCoder & ~Copyable>(
    _ recycler: Recycler, _ coder: inout C, _ number: UInt8, _ actual: UInt32
  ) throws(Corruption) -> UInt32 {
    var guess = guessed(.below, recycler)
    var choice = Guess.below.rawValue
    if C.writes && guess != actual { choice = bestChoice(recycler, for: actual) }
    choice = try coder.code(number, choice, predicted: 0, below: 4)
    if choice != 0 { guess = guessed(Guess(rawValue: choice) ?? .next, recycler) }
    let value = try coder.code(number + 1, actual, predicted: guess)
    take(value, of: recycler)
    return value
  }

  /// Puts a value on top of the free ones.
  mutating func recycle(_ value: UInt32, in recycler: Recycler) {
    let place = value & (Self.places - 1)
    unlink(place, recycler)
    let newest = cell(recycler, 0)
    setValue(value &+ 1, place, recycler)
    setLinks(below: newest, above: 0, place, recycler)
    if newest != 0 { setAbove(place + 1, newest - 1, recycler) }
    setCell(recycler, 0, place + 1)
  }

  @inline(__always) private mutating func take(_ value: UInt32, of recycler: Recycler) {
    let place = value & (Self.places - 1)
    setCell(recycler, 3, value)
    guard self.value(place, recycler) == value &+ 1, value != .max else { return }
    let links = self.links(place, recycler)
    setCell(recycler, 1, links & 0xffff)
    setCell(recycler, 2, links >> 16)
    unlink(place, recycler)
  }

  @inline(never) private func bestChoice(_ recycler: Recycler, for actual: UInt32) -> UInt32 {
    if guessed(.newest, recycler) == actual { return Guess.newest.rawValue }
    if guessed(.above, recycler) == actual { return Guess.above.rawValue }
    return Guess.next.rawValue
  }

  @inline(__always) private func guessed(_ guess: Guess, _ recycler: Recycler) -> UInt32 {
    let place: UInt32
    switch guess {
    case .below: place = cell(recycler, 1)
    case .newest: place = cell(recycler, 0)
    case .above: place = cell(recycler, 2)
    case .next: place = 0
    }
    return place == 0 ? cell(recycler, 3) &+ 1 : value(place - 1, recycler) &- 1
  }

  @inline(__always) private mutating func unlink(_ place: UInt32, _ recycler: Recycler) {
    if value(place, recycler) != 0 { unlinkFound(place, recycler) }
  }

  private mutating func unlinkFound(_ place: UInt32, _ recycler: Recycler) {
    setValue(0, place, recycler)
    let links = links(place, recycler)
    let below = links & 0xffff
    let above = links >> 16
    if above != 0 { setBelow(below, above - 1, recycler) } else { setCell(recycler, 0, below) }
    if below != 0 { setAbove(above, below - 1, recycler) }
    if cell(recycler, 1) == place + 1 { setCell(recycler, 1, below) }
    if cell(recycler, 2) == place + 1 { setCell(recycler, 2, above) }
  }

  // MARK: - Words

  @inline(__always) private func cell(_ recycler: Recycler, _ number: UInt32) -> UInt32 {
    self[.recyclerCells, recycler.rawValue << 2 | number]
  }

  @inline(__always) private mutating func setCell(
    _ recycler: Recycler, _ number: UInt32, _ word: UInt32
  ) {
    self[.recyclerCells, recycler.rawValue << 2 | number] = word
  }

  @inline(__always) private func value(_ place: UInt32, _ recycler: Recycler) -> UInt32 {
    self[.recycledValue, recycler.rawValue << 10 | place]
  }

  @inline(__always) private mutating func setValue(
    _ word: UInt32, _ place: UInt32, _ recycler: Recycler
  ) {
    self[.recycledValue, recycler.rawValue << 10 | place] = word
  }

  @inline(__always) private func links(_ place: UInt32, _ recycler: Recycler) -> UInt32 {
    self[.recycledValue, recycler.rawValue << 10 | Self.places | place]
  }

  @inline(__always) private mutating func setLinks(
    below: UInt32, above: UInt32, _ place: UInt32, _ recycler: Recycler
  ) {
    self[.recycledValue, recycler.rawValue << 10 | Self.places | place] = above << 16 | below
  }

  @inline(__always) private mutating func setBelow(
    _ below: UInt32, _ place: UInt32, _ recycler: Recycler
  ) {
    setLinks(below: below, above: links(place, recycler) >> 16, place, recycler)
  }

  @inline(__always) private mutating func setAbove(
    _ above: UInt32, _ place: UInt32, _ recycler: Recycler
  ) {
    setLinks(below: links(place, recycler) & 0xffff, above: above, place, recycler)
  }
}
