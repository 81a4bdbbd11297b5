internal import ArgumentParser
internal import Foundation

/// What there is in the lab's machine before a verb runs.
enum LabScene: String {
  /// Grants enough, and no netback of the kernel's.
  case grants
  /// The kernel's netback.
  case kernel
  /// vif0.0, between the kernel's netfront and its netback.
  case vif
  /// vif0.0, with traffic once the verb records.
  case traffic
}

/// A verb that the lab runs.
protocol LabVerb: ParsableCommand {
  /// Words that go in front of its own where none of these says `--on`.
  static var usualBackend: [String] { get }
  var scene: LabScene { get }
  /// Files and folders that it reads.
  var inputs: [String] { get }
  /// Files that it writes.
  var outputs: [String] { get }
  /// Why it cannot be run in the lab as it stands.
  var objection: String? { get }
}

extension LabVerb {
  static var usualBackend: [String] { [] }
  var inputs: [String] { [] }
  var outputs: [String] { [] }
  var objection: String? { nil }
}

extension Check: LabVerb {
  static var usualBackend: [String] { ["--on", CheckBackend.kernel.rawValue] }
  var scene: LabScene { on == .kernel ? .kernel : .grants }
  var inputs: [String] {
    var isFolder = false
    guard let name, FileManager.default.fileExists(atPath: name, isDirectory: &isFolder), isFolder
    else { return [] }
    return [name]
  }
}

extension Replay: LabVerb {
  static var usualBackend: [String] { ["--on", WorldName.xen.rawValue] }
  var scene: LabScene { .grants }
  var inputs: [String] { traces }
  var objection: String? {
    traces.contains("-") ? "standard input does not reach the lab's machine; name a file" : nil
  }
}

extension Record: LabVerb {
  var scene: LabScene { simulate ? .grants : .traffic }
  var outputs: [String] { path.map { [$0] } ?? [] }
  var objection: String? {
    if flight.isWanted { return "in the lab a recording is one file; --flight does not go there" }
    if path == "-" { return "in the lab -w names a file: only files arrive unharmed" }
    if !bounds.next.isEmpty { return "in the lab a recording is one file; -b does not go there" }
    return bounds.stop.isEmpty && bounds.packets == nil
      ? "in the lab a recording needs an end: -a duration:10, or -c 1000" : nil
  }
}

extension List: LabVerb {
  var scene: LabScene { .vif }
}

extension Doctor: LabVerb {
  var scene: LabScene { .vif }
}
