// What is not done for each slot of a ring.

extension PlainList {
  /// Puts a value ahead of the one at `place`, or behind all.
  ///
  /// - Precondition: `place` is at most `count`.
  @inlinable public mutating func insert(_ element: Element, at place: Int) {
    precondition(place >= 0 && place <= count)
    append(element)
    var later = count - 1
    while later > place {
      self[later] = self[later - 1]
      later -= 1
    }
    self[place] = element
  }

  /// Forgets the values that satisfy `isUnwanted`; the others keep their order.
  @inlinable public mutating func removeAll(where isUnwanted: (Element) -> Bool) {
    var kept = 0
    for place in indices where !isUnwanted(self[place]) {
      self[kept] = self[place]
      kept += 1
    }
    keep(first: kept)
  }

  /// Forgets the first `number` values.
  ///
  /// - Precondition: there are as many.
  @inlinable public mutating func removeFirst(_ number: Int) {
    precondition(number >= 0 && number <= count)
    for place in number..<count { self[place - number] = self[place] }
    keep(first: count - number)
  }

  /// The place of the first value that satisfies `isWanted`.
  @inlinable public func firstIndex(where isWanted: (Element) -> Bool) -> Int? {
    for place in indices where isWanted(self[place]) { return place }
    return nil
  }

  /// Puts the values in order. Those that are in order cost a look at each.
  @inlinable public mutating func sort(by isBefore: (Element, Element) -> Bool) {
    if !isSorted(by: isBefore) { sortAll(by: isBefore) }
  }

  @inlinable func isSorted(by isBefore: (Element, Element) -> Bool) -> Bool {
    var place = 1
    while place < count {
      if isBefore(self[place], self[place - 1]) { return false }
      place += 1
    }
    return true
  }
}
