import CBenchReference
import Foundation

// Unsafe because the C reference takes a pointer, which is valid for the length of its call.

/// A program that makes files smaller.
enum Compressor: CustomStringConvertible {
  /// gzip, by zlib, which does the same.
  case gzip(level: Int32)
  /// zstd, which may be installed or not.
  case zstd(level: Int32)

  /// It did not do what it should.
  struct Failure: Error { var code: Int32 }

  var description: String {
    switch self {
    case .gzip(let level): "gzip -\(level)"
    case .zstd(let level): "zstd -\(level)"
    }
  }

  /// Octets that it makes of these; `nil` when it is not installed.
  func size(of octets: [UInt8]) throws -> Int? {
    switch self {
    case .gzip(let level):
      // SAFETY: the pointer is valid for the count during the call.
      unsafe octets.withUnsafeBufferPointer {
        Int(unsafe bench_gzip($0.baseAddress, $0.count, level))
      }
    case .zstd(let level): try Self.zstd(octets, level)
    }
  }

  private static func zstd(_ octets: [UInt8], _ level: Int32) throws -> Int? {
    let folder = FileManager.default.temporaryDirectory.appending(path: "bench-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (source, target) = (folder.appending(path: "rows"), folder.appending(path: "rows.zst"))
    try Data(octets).write(to: source)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["zstd", "--quiet", "-\(level)", source.path, "-o", target.path]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    // What env says when there is no such program.
    if process.terminationStatus == 127 { return nil }
    guard process.terminationStatus == 0 else { throw Failure(code: process.terminationStatus) }
    return try Data(contentsOf: target).count
  }
}
