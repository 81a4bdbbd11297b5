import TraceFormat

/// A file on its way from memory to where it is kept, block by block: whoever records has no time to lose.
final class FlightWriting {
  let window: FlightWindow
  private let file: any RecordingFile
  private var copy: TraceCompactor?
  /// Pieces still to be copied, the next one last.
  private var rest: [FlightSource]

  /// Begins a file.
  init(
    _ window: FlightWindow, _ sources: [FlightSource], into file: any RecordingFile
  ) throws(RecorderError) {
    self.window = window
    self.file = file
    rest = sources.reversed()
    guard let first = rest.popLast() else { return }
    do throws(TraceCompactor.Failure) {
      copy = try TraceCompactor(first, into: file.sink)
    } catch {
      file.discard()
      throw RecorderError(error)
    }
  }

  /// Copies the next block; says whether there was one. After an error nothing is left of the file.
  func step() throws(RecorderError) -> Bool {
    do throws(TraceCompactor.Failure) {
      if try copy?.copyBlock() == true { return true }
      guard let next = rest.popLast() else { return false }
      try copy?.goOn(with: next)
      return true
    } catch {
      file.discard()
      throw RecorderError(error)
    }
  }

  /// Ends the file; says what is in it.
  func finish() throws(RecorderError) -> TraceStatistics {
    do throws(TraceCompactor.Failure) {
      return try copy.take()?.finish() ?? TraceStatistics()
    } catch {
      file.discard()
      throw RecorderError(error)
    }
  }
}

extension RecorderError {
  /// Memory reads as it was written: only the file can fail.
  fileprivate init(_ failure: TraceCompactor.Failure) {
    switch failure {
    case .write(let error): self = .cannotWrite(error)
    case .read: self = .cannotWrite(.overLimit)
    }
  }
}
