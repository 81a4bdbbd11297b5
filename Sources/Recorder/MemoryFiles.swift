public import TraceFormat

/// Files of a recording that stay in memory.
public final class MemoryFiles: RecordingFiles {
  /// The files that were not discarded, oldest first.
  public private(set) var contents: [MemoryFile] = []

  /// Makes room for files.
  public init() {}

  /// See `RecordingFiles`.
  public func make(_ number: Int) throws(RecorderError) -> any RecordingFile {
    let file = MemoryFile { [weak self] discarded in
      self?.contents.removeAll { $0 === discarded }
    }
    contents.append(file)
    return file
  }
}

/// One file of a recording, in memory.
public final class MemoryFile: RecordingFile {
  private var memory = MemorySink()
  private let onDiscard: (MemoryFile) -> Void

  init(onDiscard: @escaping (MemoryFile) -> Void) { self.onDiscard = onDiscard }

  /// See `RecordingFile`.
  public var sink: any ByteSink { memory }
  /// What was written.
  public var octets: [UInt8] { memory.octets }
  /// See `RecordingFile`.
  public func discard() { onDiscard(self) }

  /// See `RecordingFile`.
  public func merge(level: Int32) -> TraceStatistics? {
    let merged = MemorySink()
    guard
      let (statistics, _) = try? TraceCompactor.compact(
        MemorySource(octets), into: merged, level: level)
    else { return nil }
    memory = merged
    return statistics
  }
}
