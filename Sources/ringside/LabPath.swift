internal import Foundation

/// A file or folder that a verb in the lab reads or writes; it has the same path in the machine.
struct LabPath {
  /// The folder that names are seen from.
  static var folder: String { FileManager.default.currentDirectoryPath }

  /// As it was said.
  let name: String

  init(_ name: String) { self.name = name }

  /// With the folder it is seen from. What stands in it, `..` for one, stays: the verb says it so.
  var whole: String { name.hasPrefix("/") ? name : Self.folder + "/" + name }

  /// Sees that it can be taken into the machine.
  func checkReading() throws(CommandFailure) {
    try Self.check(whole, name, writing: false)
    guard [.typeRegular, .typeDirectory].contains(type) else {
      throw CommandFailure(.refused, "\(name): only files and folders reach the lab's machine")
    }
  }

  /// Sees that it can be made, or made anew.
  func checkWriting() throws(CommandFailure) {
    let folder = URL(fileURLWithPath: whole).deletingLastPathComponent().path
    try Self.check(folder, name, writing: true)
    guard [nil, .typeRegular].contains(type) else {
      throw CommandFailure(.refused, "\(name): is there, and is no file")
    }
  }

  /// What it is; `nil` when there is none.
  private var type: FileAttributeType? {
    let path = URL(fileURLWithPath: whole).resolvingSymlinksInPath().path
    return try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
  }

  private static func check(
    _ path: String, _ name: String, writing: Bool
  ) throws(CommandFailure) {
    switch HostProbe.file(path, writing: writing) {
    case .present: break
    case .missing: throw CommandFailure(.refused, "\(name): No such file or directory")
    case .refused(let reason): throw CommandFailure(.refused, "\(name): \(reason)")
    }
  }
}
