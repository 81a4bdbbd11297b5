import Foundation

/// The most memory that this process had at a time, as Linux counts it.
public enum PeakMemory {
  /// What Linux says of it cannot be read.
  public struct Unreadable: Error {}

  /// Forgets what was, and gives what is taken now.
  public static func restart() throws -> Int {
    try Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
    return try octets()
  }

  /// Octets at the peak since the start or the last restart.
  public static func octets() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    guard let peak = status.firstMatch(of: #/VmHWM:\s+(\d+) kB/#)?.1, let kib = Int(peak) else {
      throw Unreadable()
    }
    return kib * 1024
  }
}
