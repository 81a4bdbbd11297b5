internal import ArgumentParser
internal import Redactor
internal import TraceFiles
internal import TraceFormat

/// What is to be left out of a trace before it goes to others, in the words of editcap and tcprewrite
/// where these have one; and the proof that it is.
struct RedactionOptions: ParsableArguments {
  @Option(
    name: [.customShort("s"), .customLong("snaplen")],
    help: ArgumentHelp(
      "With -w: keep this many octets of each packet at most.", valueName: "snaplen"))
  var snapLength: UInt32?

  @Flag(help: "With -w: keep nothing of packets but Ethernet, IP, TCP and UDP headers.")
  var headersOnly = false

  @Option(
    help: ArgumentHelp(
      "With -w: replace addresses and payload by what this key makes of them.", valueName: "key"),
    transform: Self.key)
  var scramble: ScrambleKey?

  @Flag(help: "Prove that a trace holds nothing but what its header says is left in it.")
  var checkRedaction = false

  @Option(
    help: ArgumentHelp(
      "With --check-redaction: what the trace was made of; --scramble gives the key.",
      valueName: "trace"))
  var original: String?

  func validate() throws {
    guard original == nil || checkRedaction else {
      throw ValidationError("--original belongs to --check-redaction")
    }
    guard !checkRedaction || snapLength == nil && !headersOnly else {
      throw ValidationError("--check-redaction goes by what the trace's header says")
    }
    guard !checkRedaction || scramble == nil || original != nil else {
      throw ValidationError("a key proves nothing without --original")
    }
  }

  private static func key(_ text: String) throws -> ScrambleKey {
    guard !text.isEmpty else { throw ValidationError("a key is not empty") }
    return ScrambleKey(text)
  }

  /// What is to be done to a trace that is written; nil for nothing.
  var redaction: Redaction? {
    let redaction = Redaction(snapLength: snapLength, headersOnly: headersOnly, key: scramble)
    return checkRedaction || redaction == Redaction() ? nil : redaction
  }

  /// Proves, or says where it cannot.
  func check(_ inputs: [TraceInput], _ output: OutputOptions) throws(CommandFailure) {
    var unproven = 0
    for input in inputs {
      let summary = try AuditSummary(input, check(input))
      summary.lines.forEach(output.tell)
      output.emit(summary)
      if !summary.isProven { unproven += 1 }
    }
    guard unproven > 0 else { return }
    throw CommandFailure(.finding, "\(unproven) of \(inputs.count) traces not proven")
  }

  private func check(_ input: TraceInput) throws(CommandFailure) -> AuditReport {
    let trace = try input.audited()
    let original = original.map { TraceInput.file($0) }
    let source = try original.map { (original) throws(CommandFailure) in try original.binary() }
    do throws(TraceError) {
      return try RedactionAudit.report(on: trace, original: source, key: scramble)
    } catch {
      guard error == .transfer(.badText), let original, let source else {
        throw input.failure(error)
      }
      throw original.failure(error, reading: source)
    }
  }
}

extension TraceInput {
  /// The trace as it lies in its file: that is what others get.
  fileprivate func audited() throws(CommandFailure) -> any ByteSource {
    let source = try open()
    guard source.length != nil else {
      throw CommandFailure(.badInput, "\(name): --check-redaction reads a file more than once")
    }
    guard try !peek().isText else {
      throw CommandFailure(
        .badInput, "\(name): the text form may hold remarks; ringside show -w makes the other one")
    }
    return source
  }
}
