import Netfront
import Netif
import WorldConformance
import XenInterface
import XenRing

extension BackendRows {
  /// Staging grants, for backends that have them: pages that stay mapped because the guest asks for it.
  var staging: [LabRow] {
    [
      staged("lists are added whole or not at all (R-32)", addLists),
      staged("an entry of a deletion has a status of its own (R-32)", deleteLists),
      staged("frames travel over staged pages, and on when they are deleted") { vif, list in
        if !vif.stagesPages {
          let queue = vif.front.queues[0]
          let count = vif.front.stage(queue.stagedPages, of: 0, through: list, until: vif.soon)
          try expect(count, is: queue.stagedPages.count, "pages staged")
        }
        vif.offerPages()
        try exchange(on: vif)
        for pages in [vif.front.queues[0].txPages, vif.front.queues[0].rxPages] {
          list.write(pages.grants.prefix(20).map { StagedGrant(grant: $0, isReadOnly: false) })
          try ask(list.deleting(20, from: 0), of: vif, expecting: (.success, 20))
          try exchange(on: vif)
        }
      },
      staged("a page that is staged for reading is refused for RX (R-32)") { vif, list in
        let page = try pages(1, of: vif)
        list.write([StagedGrant(grant: page.grants[0], isReadOnly: true)])
        try ask(list.adding(1, to: 0), of: vif, expecting: (.success, 0))
        let rx = vif.front.queues[0].rx
        rx.put(RxRequest(id: 7, grant: page.grants[0]))
        rx.publish()
        try vif.give(TestFrame.plain(60))
        try expect(
          vif.eventually { ((try? rx.unconsumedResponses()) ?? 0) > 0 }, "no answer")
        let response = try rx.takeResponse().map { RxResponse(words: $0.words) }
        try expect(response?.status, is: .error, "status")
        var octets: [4 of UInt8] = [1, 1, 1, 1]
        var storage = octets.mutableSpan
        var target = storage.octets
        page.copyOctets(page: 0, at: 0, into: &target)
        try expect((0..<4).map { octets[$0] }, is: [0, 0, 0, 0], "the page")
      },
    ]
  }

  private func addLists(_ vif: TestedVif, _ list: StagingList) throws {
    let page = try pages(4, of: vif)
    func entries(_ places: [Int]) -> [StagedGrant] {
      places.map { StagedGrant(grant: page.grants[$0], isReadOnly: false) }
    }
    for count in [513, Int(UInt32.max)] {
      try ask(list.adding(count, to: 0), of: vif, expecting: (.invalidParameter, 0))
    }
    try ask(list.adding(1, to: 1), of: vif, expecting: (.invalidParameter, 0))
    let bad = StagedGrant(grant: GrantReference(rawValue: 30_000), isReadOnly: false)
    for wrong in [entries([0, 1, 0]), entries([0, 1]) + [bad]] {
      list.write(wrong)
      try ask(list.adding(3, to: 0), of: vif, expecting: (.invalidParameter, 0))
    }
    list.write(entries([0, 1]))
    try ask(list.adding(2, to: 0), of: vif, expecting: (.success, 0))
    list.write(entries([2, 3, 1]))
    try ask(list.adding(3, to: 0), of: vif, expecting: (.invalidParameter, 0))
    try ask(list.adding(2, to: 0), of: vif, expecting: (.success, 0))
  }

  private func deleteLists(_ vif: TestedVif, _ list: StagingList) throws {
    let page = try pages(4, of: vif)
    let entries = page.grants.map { StagedGrant(grant: $0, isReadOnly: true, status: 0xeeee) }
    list.write(entries)
    try ask(list.adding(3, to: 0), of: vif, expecting: (.success, 0))
    list.write([entries[1], entries[3], entries[1]])
    try ask(list.deleting(3, from: 0), of: vif, expecting: (.success, 1))
    try expect(list.entries(3).map(\.status), is: [0, 2, 2], "statuses")
    let sealed = try StagingList(
      for: vif.front.path.backendDomain, allocator: vif.front.xen.allocator, access: .readOnly)
    sealed.write([entries[0]])
    try ask(sealed.deleting(1, from: 0), of: vif, expecting: (.invalidParameter, 0))
    list.write([entries[0], entries[2]])
    try ask(list.deleting(2, from: 0), of: vif, expecting: (.success, 2))
    try expect(list.entries(2).map(\.status), is: [0, 0], "statuses")
  }

  private func exchange(on vif: TestedVif) throws {
    for count in [60, 1400, 9000] {
      let answers = try vif.send(TestFrame.plain(count))
      try expect(answers.allSatisfy { $0.status == .okay }, "an answer to \(count) octets")
      try expect(vif.delivered(), is: TestFrame.plain(count))
      try vif.give(TestFrame.plain(count))
      try expect(vif.received()?.octets, is: TestFrame.plain(count))
    }
  }

  private func pages(_ count: Int, of vif: TestedVif) throws -> any GrantedPages {
    try vif.front.xen.allocator.share(
      count, with: vif.front.path.backendDomain, access: .readWrite)
  }

  private func ask(
    _ request: ControlRequest, of vif: TestedVif, expecting wanted: (ControlStatus, UInt32)
  ) throws {
    let answer = vif.front.ask(request, until: vif.soon)
    let right = ControlResponse(
      id: request.id, type: request.type, status: wanted.0.rawValue, data: wanted.1)
    try expect(answer, is: right, "the answer to \(request)")
  }

  private func staged(
    _ name: String, _ body: @escaping (TestedVif, StagingList) throws -> Void
  ) -> LabRow {
    vif("staging grants: \(name)", NetfrontOptions(controlRing: true)) { vif in
      guard vif.front.stagingCapacity(of: 0, until: vif.soon) != nil else {
        throw Missing(.stagingGrants)
      }
      try body(
        vif,
        try StagingList(
          for: vif.front.path.backendDomain, allocator: vif.front.xen.allocator))
    }
  }
}
