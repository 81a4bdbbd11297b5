public import Netif
import Oracle
import XenInterface
import XenRing

/// Answers control cases by the model of the rules: no backend, no rings, no grants.
struct ControlModelPlayer {
  private static let octets = ControlPages.allCases.map(\.octets)
  private static let grants = octets.indices.map { GrantReference(rawValue: 200 + UInt32($0)) }

  private var model: ControlModel
  private let lists = ModelledLists()

  /// A vif with some queues, whose ring starts at `start`.
  init(queues: Int, start: UInt32, isStaging: Bool = false) {
    let staging = isStaging ? ModelStaging(queues: queues, pages: lists.pages) : nil
    model = ControlModel(queues: queues, start: start, staging: staging) { grant in
      Self.grants.firstIndex { $0.rawValue == grant }.map { Self.octets[$0] }
    }
  }

  /// What was set so far.
  var hash: ModelHash { model.hash }

  /// What a backend must answer to a case.
  static func answer(to asked: ControlCase) -> ControlAnswer {
    // What a case sets is unset before it, on the same ring.
    let start = (asked.start?.rawValue ?? 0) &- UInt32(ControlTalk.reset.count)
    var player = ControlModelPlayer(
      queues: asked.queues, start: start, isStaging: asked.isStaging)
    _ = player.publish(ControlTalk.reset)
    var answer = ControlAnswer()
    for step in asked.steps { answer.add(player.play(step)) }
    return answer
  }

  private mutating func play(_ step: ControlStep) -> ControlAnswer {
    switch step {
    case .publish(let messages, let beyond): return publish(messages, beyond: beyond)
    case .reconnect:
      model.reconnect(start: 0)
      return ControlAnswer()
    }
  }

  /// Has messages answered.
  mutating func publish(
    _ messages: [ControlSlot], beyond: UInt32 = 0
  ) -> ControlAnswer {
    for message in messages {
      var request = message.resolved { $0.reference(among: Self.grants, revoked: nil) }
      if let list = message.list { request.data1 = lists.grant(of: list) }
      model.write(request)
    }
    var answer = ControlAnswer()
    answer.responses = model.publish(beyond: beyond)
    answer.published = UInt32(answer.responses.count)
    answer.isDisabled = model.isDisabled
    return answer
  }
}

/// The pages that a guest may have staged, as numbers, and the lists of them that messages point at.
private final class ModelledLists {
  private static let firstPage: UInt32 = 10_000
  private static let firstList: UInt32 = 20_000
  private var lists: [StagingList] = []

  func grant(of list: StagingList) -> UInt32 {
    lists.append(list)
    return Self.firstList + UInt32(lists.count - 1)
  }

  /// What may be done with pages and lists.
  var pages: ModelStaging.Pages {
    ModelStaging.Pages { [unowned self] in
      list($0).flatMap { list in
        list.access == .revoked
          ? nil : list.octets { GrantReference(rawValue: Self.firstPage + UInt32($0)) } + Self.rest
      }
    } isWritable: { [unowned self] grant in
      list(grant).map { $0.access == .full } ?? (0..<StagingList.readOnlyPage ~= page(grant))
    } isReadable: { [unowned self] grant in
      list(grant).map { $0.access != .revoked } ?? (0...StagingList.readOnlyPage ~= page(grant))
    }
  }

  /// What lies behind a list in its page, and more.
  private static let rest = [UInt8](repeating: 0, count: RingLayout.pageSize)

  private func page(_ grant: UInt32) -> Int { Int(grant) - Int(Self.firstPage) }

  private func list(_ grant: UInt32) -> StagingList? {
    let place = Int(grant) - Int(Self.firstList)
    return lists.indices.contains(place) ? lists[place] : nil
  }
}

extension ControlCase {
  /// See `RingCase`.
  public func modelled(by profile: RuleProfile) -> ControlAnswer {
    ControlModelPlayer.answer(to: self)
  }
}
