internal import Glibc
internal import KernelTap
internal import Recorder
internal import XenInterface

/// A vif as the kernel names its interface: `vif5.0`.
struct VifName {
  let domain: DomainID
  let handle: VifHandle

  /// Parses `vifDOMAIN.HANDLE`.
  init?(_ name: String) {
    guard name.hasPrefix("vif") else { return nil }
    let parts = name.dropFirst(3).split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let domain = UInt16(parts[0]), let handle = UInt32(parts[1]) else {
      return nil
    }
    self.domain = DomainID(rawValue: domain)
    self.handle = VifHandle(rawValue: handle)
  }
}

extension Capture {
  /// How long the tap's buffer fills before it is emptied, in microseconds.
  private static let pause: UInt32 = 5_000

  /// Records a vif of the running kernel's netback.
  func record(
    _ vif: VifName, named name: String, _ description: TapRecorder.Description,
    _ options: RecordingOptions
  ) throws(CommandFailure) -> RecorderReport {
    try HostVifs.checkRecordable(name)
    let recorder = try tapping { () throws in
      try KernelRecorder(
        domain: vif.domain, handle: vif.handle, describedBy: description, options: options,
        into: files)
    }
    Console.note("recording \(name); Ctrl-C ends it")
    try run(recorder.recording) { () throws(CommandFailure) in
      try tapping { () throws in _ = try recorder.step(now: elapsed) }
      usleep(Self.pause)
      return elapsed
    }
    return try tapping { () throws in try recorder.finish() }
  }

  private func tapping<Result>(_ body: () throws -> Result) throws(CommandFailure) -> Result {
    do { return try body() } catch let error as RecorderError {
      throw files.failure(error)
    } catch let error as KernelTapError {
      throw error.failure
    } catch {
      throw CommandFailure(.refused, "\(error)")
    }
  }
}

extension KernelTapError {
  fileprivate var failure: CommandFailure {
    switch self {
    case .libraryMissing, .typesMissing, .functionMissing, .fieldMissing:
      CommandFailure(.missing, description)
    case .notPermitted, .refused: CommandFailure(.refused, description)
    case .undecodable: CommandFailure(.finding, description)
    }
  }
}

extension HostVifs {
  /// Refuses a vif that is not there, before anything is attached or written.
  fileprivate static func checkRecordable(_ name: String) throws(CommandFailure) {
    guard HostProbe.file("/sys/bus/xen-backend") == .present else {
      throw CommandFailure(
        .missing, "\(bus) is not there: run this on a Xen host, in the domain of the backends")
    }
    guard HostProbe.file("/sys/class/net/\(name)") == .present else {
      throw CommandFailure(.refused, "\(name): no such vif; `ringside list` names them")
    }
  }
}
