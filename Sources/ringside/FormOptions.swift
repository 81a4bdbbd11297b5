internal import ArgumentParser

/// A form that traces and scenarios are turned into.
enum ShowForm: ExpressibleByArgument {
  /// The text form of a trace.
  case text
  /// The source of what one guest did.
  case source(SourceForm)

  static let allValueStrings = ["text"] + SourceForm.allCases.map(\.rawValue)

  init?(argument: String) {
    if argument == "text" {
      self = .text
    } else {
      guard let form = SourceForm(rawValue: argument) else { return nil }
      self = .source(form)
    }
  }
}

/// What one guest did, as a source.
enum SourceForm: String, CaseIterable {
  /// A test of this project's.
  case swiftTest = "swift-test"
  /// A frontend on libxen.
  case c
}

/// In which form a trace is shown.
struct FormOptions: ParsableArguments {
  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "Print the events as text, or what one guest did as a swift-test or a program in c.",
      valueName: "form"))
  var form: ShowForm?

  @Flag(
    name: .customLong("text"), help: "The same as --as text; with --json, an object for each event."
  )
  var isShort = false

  func validate() throws {
    guard !isShort || form == nil else { throw ValidationError("--text is --as text") }
  }

  /// Whether the events are printed.
  var isText: Bool { if case .text = form { true } else { isShort } }

  /// The source that is asked for, if any.
  var source: SourceForm? { if case .source(let form) = form { form } else { nil } }
}
