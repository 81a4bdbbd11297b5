import XenInterface

/// Numbers by grant reference, without an allocation once it is large enough.
struct GrantIndex {
  private struct Place {
    var key: UInt32 = 0
    /// The number plus one; 0 where there is none.
    var number: UInt32 = 0
  }

  private var places: [Place]
  private var mask: Int
  private(set) var count = 0

  /// Makes room for `capacity` references; it grows when there are more.
  init(capacity: Int = 64) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    places = Array(repeating: Place(), count: size)
    mask = size - 1
  }

  /// The number of a reference.
  subscript(grant: GrantReference) -> Int? {
    let number = places[place(of: grant)].number
    return number == 0 ? nil : Int(number) - 1
  }

  /// Gives a reference a number.
  mutating func set(_ grant: GrantReference, _ number: Int) {
    if count * 2 >= places.count { grow() }
    let place = place(of: grant)
    if places[place].number == 0 { count += 1 }
    places[place] = Place(key: grant.rawValue, number: UInt32(number) + 1)
  }

  /// Forgets all.
  mutating func removeAll() {
    guard count > 0 else { return }
    for place in places.indices { places[place] = Place() }
    count = 0
  }

  /// Where a reference stands, or where it may be put.
  private func place(of grant: GrantReference) -> Int {
    var place = Int(truncatingIfNeeded: (grant.rawValue &* 0x9e37_79b1) >> 7) & mask
    while places[place].number != 0, places[place].key != grant.rawValue {
      place = (place + 1) & mask
    }
    return place
  }

  private mutating func grow() {
    var larger = GrantIndex(capacity: places.count)
    for place in places where place.number != 0 {
      larger.set(GrantReference(rawValue: place.key), Int(place.number) - 1)
    }
    self = larger
  }
}
