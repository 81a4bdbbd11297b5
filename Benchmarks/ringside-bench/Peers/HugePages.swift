import Foundation

/// Pages of 2 MiB, while somebody needs them.
final class HugePages {
  private static let path = "/proc/sys/vm/nr_hugepages"
  private let before: Int

  /// Has the kernel set so many aside.
  ///
  /// - Throws: `PeerFault` when it does not; that takes root.
  init(_ count: Int) throws {
    before = try Self.count()
    guard before < count else { return }
    do { try Self.set(count) } catch { throw PeerFault.needs("root, for huge pages") }
    guard try Self.count() >= count else {
      try Self.set(before)
      throw PeerFault.needs("\(count) huge pages of 2 MiB")
    }
  }

  deinit { try? Self.set(before) }

  private static func count() throws -> Int {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    guard let count = Int(text.trimmingCharacters(in: .newlines)) else {
      throw PeerFault.needs("huge pages")
    }
    return count
  }

  private static func set(_ count: Int) throws {
    try FileHandle(forWritingTo: URL(filePath: path)).write(contentsOf: Data("\(count)".utf8))
  }
}
