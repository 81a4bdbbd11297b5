public import XenInterface

/// A world under test: what two ends see of it, and what drives it.
public struct World {
  /// The end that grants, and opens ports.
  public let frontend: DomainInterface
  /// The end that copies and maps, and binds to ports.
  public let backend: DomainInterface
  /// What delivers events and tells the time.
  public let loop: any WorldLoop

  /// Puts a world together.
  public init(frontend: DomainInterface, backend: DomainInterface, loop: any WorldLoop) {
    self.frontend = frontend
    self.backend = backend
    self.loop = loop
  }
}

/// One statement about a world, and how to find out whether it holds.
public struct LabRow {
  /// What a world must offer for the statement to mean anything there.
  public enum Need: Sendable {
    /// A guest kernel's say over its grant table.
    case grantTableControl
    /// Two ends in different domains, of which the frontend is not the control domain.
    case twoDomains
    /// A backend that keeps a guest's pages mapped when it is asked to; only asking tells.
    case stagingGrants
  }

  /// The statement.
  public let name: String
  /// What it needs, beside a world.
  public let need: Need?
  private let body: (World) throws -> Void

  /// Makes a row; `body` throws when the statement does not hold.
  public init(_ name: String, needs need: Need? = nil, body: @escaping (World) throws -> Void) {
    self.name = name
    self.need = need
    self.body = body
  }

  /// What came of a row.
  public enum Outcome {
    /// The statement holds.
    case passed
    /// It does not; the payload says what was seen.
    case failed(any Error)
    /// This world cannot express it.
    case skipped(Need)
  }

  /// Finds out whether the statement holds in `world`.
  public func run(in world: World) -> Outcome {
    if let need, !world.offers(need) { return .skipped(need) }
    do {
      try body(world)
      return .passed
    } catch let error as Missing {
      return .skipped(error.need)
    } catch { return .failed(error) }
  }
}

extension World {
  /// Whether rows with this need can run here.
  public func offers(_ need: LabRow.Need) -> Bool {
    switch need {
    case .grantTableControl: frontend.allocator is any GrantTableControl
    case .twoDomains: frontend.domain != backend.domain && frontend.domain != .control
    case .stagingGrants: true
    }
  }
}

/// What a row found only by asking that it needs and has not.
public struct Missing: Error {
  /// What is missing.
  public let need: LabRow.Need

  /// Says what is missing.
  public init(_ need: LabRow.Need) { self.need = need }
}

/// What a row saw that it did not expect.
public struct Unexpected: Error, CustomStringConvertible {
  /// In words.
  public let description: String

  /// Says it in words.
  public init(description: String) { self.description = description }
}

/// Throws unless `seen` is `wanted`.
public func expect<Value: Equatable>(
  _ seen: Value, is wanted: Value, _ what: String = ""
) throws(Unexpected) {
  guard seen != wanted else { return }
  throw Unexpected(description: "\(what.isEmpty ? "" : what + ": ")got \(seen), wanted \(wanted)")
}

/// Throws unless `condition` holds.
public func expect(_ condition: Bool, _ what: String) throws(Unexpected) {
  guard !condition else { return }
  throw Unexpected(description: what)
}
