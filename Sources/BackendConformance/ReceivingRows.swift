import Netfront
import Netif
import WorldConformance
import XenInterface
import XenRing

extension BackendRows {
  var receiving: [LabRow] {
    Self.ways.map { name, options in
      vif("\(name): frames are received", options) { vif in
        vif.offerPages()
        for count in [60, 1400] + Array(repeating: 60, count: 80) {
          try vif.give(TestFrame.plain(count))
          let frame = try vif.received()
          try expect(frame?.octets, is: TestFrame.plain(count))
          try expect(frame?.slots.count, is: 1, "slots")
        }
      }
    } + [
      vif("a frame waits for the guest's pages") { vif in
        try vif.give(TestFrame.plain(600))
        vif.offerPages()
        try expect(vif.received()?.octets, is: TestFrame.plain(600))
      }
    ]
  }
}
