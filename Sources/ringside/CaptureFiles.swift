internal import Recorder
internal import TraceFiles
internal import TraceFormat

/// The file, or the numbered files, that a recording writes.
final class CaptureFiles: RecordingFiles {
  private let path: String
  private let isNumbered: Bool

  /// Takes the name given with `-w`; a numbered file has its number before the ending.
  init(_ path: String, isNumbered: Bool) {
    self.path = path
    self.isNumbered = isNumbered
  }

  /// As it is named to people.
  var name: String { path == "-" ? "standard output" : path }

  func make(_ number: Int) throws(RecorderError) -> any RecordingFile {
    do throws(TransferError) {
      return CaptureFile(sink: try path == "-" ? FileSink() : FileSink(path: path(number)))
    } catch { throw .cannotMake(error.code) }
  }

  private func path(_ number: Int) -> String {
    guard isNumbered else { return path }
    let digits = "\(100_000 + number + 1)".dropFirst()
    let ending = TraceInput.endings.first { path.hasSuffix($0) } ?? ""
    return "\(path.dropLast(ending.count))_\(digits)\(ending)"
  }

  /// The line and the exit code for what went wrong.
  func failure(_ error: RecorderError) -> CommandFailure {
    switch error {
    case .cannotMake(let code): CommandFailure(.refused, "\(name): \(Console.errorText(code))")
    case .cannotWrite(let error): error.failure(name)
    }
  }
}

/// One file of a recording.
private final class CaptureFile: RecordingFile {
  private let file: FileSink

  init(sink: FileSink) { file = sink }

  var sink: any ByteSink { file }

  func discard() { file.discard() }
}
