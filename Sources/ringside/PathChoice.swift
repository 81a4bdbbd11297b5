internal import ArgumentParser
internal import Netback

/// Ways in which the guest's data comes, as a replay is told of them: one, or all in turn.
enum PathChoice: ExpressibleByArgument, Equatable {
  case one(DataPath)
  case all

  static let copy = PathChoice.one(.copy)
  static var allValueStrings: [String] { PathName.allValueStrings + ["all"] }

  var isAll: Bool { if case .all = self { true } else { false } }
  var defaultValueDescription: String {
    if case .one(let path) = self { path.rawValue } else { "all" }
  }

  init?(argument: String) {
    if argument == "all" {
      self = .all
    } else {
      guard let name = PathName(argument: argument) else { return nil }
      self = .one(name.path)
    }
  }
}
