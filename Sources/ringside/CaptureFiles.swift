internal import CaptureFormat
internal import Recorder
internal import TraceFiles
internal import TraceFormat

/// The one file of a recording that goes on as pcapng while it is written.
final class CaptureFiles: RecordingFiles {
  private let stream: CaptureStream

  init(_ sink: FileSink) { stream = CaptureStream(to: sink) }

  func make(_ number: Int) -> any RecordingFile { CaptureFile(stream) }

  /// Writes what is left, when the recording is over.
  func finish() throws(TransferError) { try stream.finish() }
}

/// See `CaptureFiles`.
private final class CaptureFile: RecordingFile {
  let sink: any ByteSink

  init(_ stream: CaptureStream) { sink = stream }

  /// What a reader has taken stays as it is.
  func merge(level: Int32) -> TraceStatistics? { nil }

  /// It cannot be taken back either.
  func discard() {}
}
