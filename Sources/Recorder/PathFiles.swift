public import TraceFiles
public import TraceFormat

/// The files of a recording by path: `-` is standard output. Those of a ring have numbers in front
/// of the extension: `guest_00001.ringtrace`.
public final class PathFiles: RecordingFiles {
  private let path: String
  private let isRing: Bool

  /// Names the file, or the pattern of a ring's files.
  public init(_ path: String, isRing: Bool = false) {
    self.path = path
    self.isRing = isRing
  }

  /// See `RecordingFiles`.
  public func make(_ number: Int) throws(RecorderError) -> any RecordingFile {
    do throws(TransferError) {
      return PathFile(path == "-" ? FileSink() : try FileSink(path: name(number)))
    } catch { throw .cannotMake(error.code) }
  }

  private func name(_ number: Int) -> String {
    guard isRing else { return path }
    let digits = String(number + 1)
    let padded = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
    let file = path[folder.endIndex...]
    guard let dot = file.lastIndex(of: "."), dot != file.startIndex else {
      return "\(path)_\(padded)"
    }
    return "\(folder)\(file[..<dot])_\(padded)\(file[dot...])"
  }
}

/// A file of a recording on disk, or standard output.
public final class PathFile: RecordingFile {
  private let file: FileSink

  /// Takes what was opened.
  public init(_ file: FileSink) { self.file = file }

  /// See `RecordingFile`.
  public var sink: any ByteSink { file }

  /// See `RecordingFile`.
  public func merge(level: Int32) -> TraceStatistics? {
    guard let path = file.path, let merged = try? FileSink(path: path + ".merging") else {
      return nil
    }
    do {
      let source = try FileSource(path: path)
      let (statistics, _) = try TraceCompactor.compact(source, into: merged, level: level)
      try merged.takePlace(of: file)
      return statistics
    } catch {
      merged.discard()
      return nil
    }
  }

  /// See `RecordingFile`.
  public func discard() { file.discard() }
}
