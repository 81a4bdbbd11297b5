internal import ArgumentParser

/// A form that traces and scenarios are turned into.
enum ShowForm: String, CaseIterable, ExpressibleByArgument {
  /// The text form of a trace.
  case text
  /// The source of a test of this project's.
  case swiftTest = "swift-test"
}

/// In which form a trace is shown.
struct FormOptions: ParsableArguments {
  @Option(
    name: .customLong("as"),
    help:
      "Print it in this form: the events as text, or, of what one guest did, a swift-test."
  )
  var form: ShowForm?

  @Flag(
    name: .customLong("text"), help: "The same as --as text; with --json, an object for each event."
  )
  var isShort = false

  func validate() throws {
    guard !isShort || form == nil else { throw ValidationError("--text is --as text") }
  }

  /// Whether the events are printed.
  var isText: Bool { isShort || form == .text }

  /// The source that one scenario is to become, if any.
  var source: ShowForm? { form == .text ? nil : form }
}
