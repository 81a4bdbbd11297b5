/// The rules of staging messages: which pages each queue keeps mapped for its guest.
public struct ModelStaging {
  /// Pages of a queue at most.
  private static let capacity = 1024
  /// Entries of a list at most: a page.
  private static let listLimit: UInt32 = 512
  private static let entryOctets = 8

  /// What may be done with the guest's pages.
  public struct Pages {
    /// The octets of a page, when it can be read.
    public var read: (UInt32) -> [UInt8]?
    /// Whether it can be written to.
    public var isWritable: (UInt32) -> Bool
    /// Whether it can be read.
    public var isReadable: (UInt32) -> Bool

    /// Describes pages.
    public init(
      read: @escaping (UInt32) -> [UInt8]?, isWritable: @escaping (UInt32) -> Bool,
      isReadable: @escaping (UInt32) -> Bool
    ) {
      self.read = read
      self.isWritable = isWritable
      self.isReadable = isReadable
    }
  }

  private let pages: Pages
  private var tables: [Set<UInt32>]

  /// Nothing is staged on any queue.
  public init(queues: Int, pages: Pages) {
    self.pages = pages
    tables = Array(repeating: [], count: queues)
  }

  /// The guest has closed: nothing is staged any more.
  mutating func forget() { tables = tables.map { _ in [] } }

  /// Entries that the table of a queue can hold.
  func size(_ queue: UInt32) -> UInt32? {
    queue < tables.count ? UInt32(Self.capacity) : nil
  }

  /// Adds all of a list, or none.
  ///
  /// - Returns: whether it was done.
  mutating func add(_ queue: UInt32, list: UInt32, count: UInt32) -> Bool {
    guard queue < tables.count, let entries = entries(list, count) else { return false }
    var table = tables[Int(queue)]
    for entry in entries {
      let isReadOnly = entry.flags & 1 != 0
      guard isReadOnly ? pages.isReadable(entry.page) : pages.isWritable(entry.page) else {
        return false
      }
      guard table.insert(entry.page).inserted else { return false }
    }
    guard table.count <= Self.capacity else { return false }
    tables[Int(queue)] = table
    return true
  }

  /// Takes out what of a list is staged.
  ///
  /// - Returns: how many those were; `nil` when it was not done.
  mutating func remove(_ queue: UInt32, list: UInt32, count: UInt32) -> UInt32? {
    guard queue < tables.count, let entries = entries(list, count) else { return nil }
    guard count == 0 || pages.isWritable(list) else { return nil }
    return entries.reduce(0) { $0 + (tables[Int(queue)].remove($1.page) == nil ? 0 : 1) }
  }

  private func entries(_ list: UInt32, _ count: UInt32) -> [(page: UInt32, flags: UInt32)]? {
    guard count > 0 else { return [] }
    guard count <= Self.listLimit, let octets = pages.read(list) else { return nil }
    func word(_ place: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(octets[place + $1]) << (8 * $1) }
    }
    return (0..<Int(count)).map { (word(Self.entryOctets * $0), word(Self.entryOctets * $0 + 4)) }
  }
}
