public import Netif
public import XenInterface

extension Netfront {
  /// Sends a message over the control ring and waits for its answer; `nil` when there is no such ring
  /// or no answer comes.
  public func ask(
    _ request: ControlRequest, until deadline: MonotonicInstant
  ) -> ControlResponse? {
    guard let ring = control?.ring else { return nil }
    ring.put(request)
    ring.armResponseEvent()
    ring.publish()
    var answer: ControlResponse?
    _ = wait(until: deadline) {
      if let slot = try? ring.takeResponse() { answer = ControlResponse(words: slot.words) }
      if answer == nil { ring.armResponseEvent() }
      return answer != nil
    }
    return answer
  }

  /// Pages that the backend keeps mapped of a queue, at most; `nil` when it keeps none.
  public func stagingCapacity(of queue: Int, until deadline: MonotonicInstant) -> Int? {
    let request = ControlRequest(
      id: 0, type: ControlMessage.getGrantMappingSize.rawValue,
      data0: UInt32(truncatingIfNeeded: queue))
    guard let answer = ask(request, until: deadline), answer.isSuccess, answer.data > 0 else {
      return nil
    }
    return Int(answer.data)
  }

  /// Has the backend keep pages of a queue mapped, list by list, as far as its table goes.
  ///
  /// - Returns: how many it keeps.
  public func stage(
    _ entries: [StagedGrant], of queue: Int, through list: StagingList,
    until deadline: MonotonicInstant
  ) -> Int {
    let capacity = stagingCapacity(of: queue, until: deadline) ?? 0
    var staged = 0
    var left = entries.prefix(capacity)
    while !left.isEmpty {
      let part = left.prefix(StagedGrant.listLimit)
      list.write(Array(part))
      guard ask(list.adding(part.count, to: queue), until: deadline)?.isSuccess == true else {
        break
      }
      staged += part.count
      left = left.dropFirst(part.count)
    }
    return staged
  }

  /// Has the backend keep all pages of all queues mapped.
  ///
  /// - Returns: how many it keeps.
  public func stagePages(until deadline: MonotonicInstant) throws(NetfrontError) -> Int {
    let list: StagingList
    do throws(GrantError) {
      list = try StagingList(for: path.backendDomain, allocator: xen.allocator)
    } catch { throw .grant(error) }
    var staged = 0
    for (number, queue) in queues.enumerated() {
      staged += stage(queue.stagedPages, of: number, through: list, until: deadline)
    }
    return staged
  }
}

extension FrontQueue {
  /// All pages of the queue, as a staging list names them: those to send from for reading only.
  public var stagedPages: [StagedGrant] {
    txPages.grants.map { StagedGrant(grant: $0, isReadOnly: true) }
      + rxPages.grants.map { StagedGrant(grant: $0, isReadOnly: false) }
  }
}

extension ControlResponse {
  fileprivate var isSuccess: Bool { status == ControlStatus.success.rawValue }
}
