import Netif
import XenRing

extension RxCase {
  /// The rules of the RX ring, each with its cells.
  public static var cells: [CellSet<RxCase>] {
    [
      CellSet(
        "rx/slots", "a frame waits for a request for each page, and one for its extra info", scarce),
      CellSet("rx/grant", "a page that cannot be written has Xen's status, by netif ERROR", grants),
      CellSet(
        "rx/queue-limit", "half a megabyte of frames waits, and what comes then is refused", full),
      CellSet(
        "rx/headroom", "each page begins with the octets that the guest wants free", headroom),
    ]
  }

  private static let page = RingLayout.pageSize

  /// A frame of so many octets, still to be cut or not.
  private static func frame(_ length: Int, isUncut: Bool) -> CaseFrame {
    isUncut ? .uncut(length, segment: 1448) : CaseFrame(length)
  }

  /// Requests: one less than it takes, as many, one more.
  private static var scarce: [RxCase] {
    (1...16).flatMap { pages in
      [-1, 0, 1].flatMap { edge in
        [false, true].flatMap { isUncut in
          let length = pages * page + edge
          return length > NamedRxCases.longest
            ? [] : scarce(frame(length, isUncut: isUncut), "\(length)\(isUncut ? "-uncut" : "")")
        }
      }
    }.withWraps()
  }

  private static func scarce(_ frame: CaseFrame, _ name: String) -> [RxCase] {
    let need = NamedRxCases.need(frame)
    return MatrixBound.allCases.map { bound in
      let first = need + bound.rawValue
      return RxCase(
        "\(bound)/\(name)",
        [.post(first), .send([frame, CaseFrame(60)]), .post(2, from: first)])
    }
  }

  /// A page of a frame: granted, taken back, never granted.
  private static var grants: [RxCase] {
    (1...8).flatMap { pages in
      (0..<pages).flatMap { position in
        [false, true].flatMap { isUncut in
          zip(MatrixBound.allCases, [CaseGrant.page(UInt8(position)), .revoked, .unknown]).map {
            bound, grant in
            let frame = frame(pages * page - 5, isUncut: isUncut)
            var slots = (0...NamedRxCases.need(frame)).map { RxSlot(.page(UInt8($0))) }
            // An extra info takes the second request, and its page is not looked at.
            slots[position > 0 && isUncut ? position + 1 : position].grant = grant
            return RxCase(
              "\(bound)/slot-\(position)-of-\(pages)\(isUncut ? "-uncut" : "")",
              [.post(slots), .send([frame, CaseFrame(70, kind: 1)])])
          }
        }
      }
    }.withWraps()
  }

  /// A frame more when the pages that wait are one less than the limit, as many, one more; and the octets.
  private static var full: [RxCase] {
    let pages = MatrixBound.allCases.map { bound in
      let frames = (0..<128 + bound.rawValue).map { CaseFrame(page, number: $0) }
      return RxCase("\(bound)", [.send(frames), .post(200)])
    }
    let octets = MatrixBound.allCases.map { bound in
      let frames = (0..<127).map { CaseFrame(page, number: $0) }
      let last = [CaseFrame(page + bound.rawValue, number: 127), CaseFrame(60)]
      return RxCase("\(bound)/octets", [.send(frames + last), .post(200)])
    }
    return (pages + octets).withWraps()
  }

  /// One octet less than fills the pages, as many, one more.
  private static var headroom: [RxCase] {
    [0, 1, 256, 4000, 4095].flatMap { (room: Int) in
      [1, 2, 5].flatMap { pages in
        MatrixBound.allCases.compactMap { bound in
          let length = pages * (page - room) + bound.rawValue
          guard length >= 14 else { return nil }
          var asked = RxCase(
            "\(bound)/\(room)-\(pages)-pages",
            [.post(60), .send([CaseFrame(length), CaseFrame(60)])])
          asked.guest.keys = ["xdp-headroom": "\(room)"]
          return asked
        }
      }
    }
  }
}
