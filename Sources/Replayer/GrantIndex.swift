import XenInterface

/// Numbers by grant reference, without an allocation once it is large enough.
struct GrantIndex {
  private var keys: [UInt32]
  /// The number plus one; 0 where there is none.
  private var numbers: [UInt32]
  private var mask: Int
  private(set) var count = 0

  /// Makes room for `capacity` references; it grows when there are more.
  init(capacity: Int = 64) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    keys = Array(repeating: 0, count: size)
    numbers = Array(repeating: 0, count: size)
    mask = size - 1
  }

  /// The number of a reference.
  subscript(grant: GrantReference) -> Int? {
    let number = numbers[place(of: grant)]
    return number == 0 ? nil : Int(number) - 1
  }

  /// Gives a reference a number.
  mutating func set(_ grant: GrantReference, _ number: Int) {
    if count * 2 >= keys.count { grow() }
    let place = place(of: grant)
    if numbers[place] == 0 { count += 1 }
    keys[place] = grant.rawValue
    numbers[place] = UInt32(number) + 1
  }

  /// Forgets all.
  mutating func removeAll() {
    guard count > 0 else { return }
    for place in numbers.indices { numbers[place] = 0 }
    count = 0
  }

  /// Where a reference stands, or where it may be put.
  private func place(of grant: GrantReference) -> Int {
    var place = Int(truncatingIfNeeded: (grant.rawValue &* 0x9e37_79b1) >> 7) & mask
    while numbers[place] != 0, keys[place] != grant.rawValue { place = (place + 1) & mask }
    return place
  }

  private mutating func grow() {
    var larger = GrantIndex(capacity: keys.count)
    for place in keys.indices where numbers[place] != 0 {
      larger.set(GrantReference(rawValue: keys[place]), Int(numbers[place]) - 1)
    }
    self = larger
  }
}
