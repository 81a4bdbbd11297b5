import XenInterface
import XenRing

extension LabRow {
  /// What grant copies do and answer.
  public static var grantCopies: [LabRow] { plainCopies + refusedCopies }

  private static var plainCopies: [LabRow] {
    [
      LabRow("granted octets are copied out") { world in
        let page = try world.sharePattern(1)
        var copies = [
          GrantCopy(grant: page.grants[0], pageOffset: 100, length: 200, bufferOffset: 7)
        ]
        let seen = world.copyOut(&copies)
        try expect(copies[0].status, is: .okay)
        try expect(Array(seen[7..<207]), is: Array(World.pattern(1)[100..<300]))
        try expect(seen[6] == 0 && seen[207] == 0, "octets around the copy were written")
      },
      LabRow("octets are copied into a granted page") { world in
        let page = try world.share()
        try expect(world.statusOfCopyIn(page.grants[0], offset: 4032), is: .okay)
        try expect(Array(page.octets()[4032...]), is: World.pattern(9, count: 64))
        try expect(page.octets()[4031], is: 0)
      },
      LabRow("a shared page starts with zeros") { world in
        try expect(world.share(3).octets(page: 2), is: [UInt8](repeating: 0, count: 4096))
      },
      LabRow("the pages of one share have references of their own") { world in
        let pages = try world.share(8)
        try expect(Set(pages.grants).count, is: 8)
      },
      LabRow("a failed operation does not stop its batch") { world in
        let page = try world.sharePattern(2)
        var copies = pieces(of: page.grants[0], 5)
        copies[2].grant = .impossible
        let seen = world.copyOut(&copies)
        try expect(
          copies.map(\.status), is: [.okay, .okay, .badGrantReference, .okay, .okay])
        try expect(Array(seen[48..<80]), is: Array(World.pattern(2)[48..<80]))
      },
      LabRow("a batch of 256 copies is done whole") { world in
        let page = try world.sharePattern(3)
        var copies = pieces(of: page.grants[0], 256)
        try expect(world.copyOut(&copies), is: World.pattern(3))
        try expect(copies.allSatisfy { $0.status == .okay }, "a copy failed")
      },
      LabRow("a copy may end where the page ends") { world in
        let page = try world.share()
        try expect(world.statusOfCopyOut(page.grants[0], offset: 4095, length: 1), is: .okay)
        try expect(world.statusOfCopyOut(page.grants[0], length: 4096), is: .okay)
      },
      LabRow("octets go from one granted page to another") { world in
        let source = try world.sharePattern(4, access: .readOnly)
        let target = try world.share()
        var copies = [
          ForeignCopy(
            source: source.grants[0], sourceOffset: 10, target: target.grants[0],
            targetOffset: 1000, length: 500)
        ]
        var span = copies.mutableSpan
        world.backend.grants.copy(
          &span, from: world.frontend.domain, to: world.frontend.domain)
        try expect(copies[0].status, is: .okay)
        try expect(Array(target.octets()[1000..<1500]), is: Array(World.pattern(4)[10..<510]))
      },
    ]
  }

  /// Copies of the first `count` pieces of 16 octets of a page to where they were.
  private static func pieces(of grant: GrantReference, _ count: Int) -> [GrantCopy] {
    stride(from: 0, to: 16 * count, by: 16).map { offset in
      GrantCopy(
        grant: grant, pageOffset: UInt16(offset), length: 16, bufferOffset: UInt32(offset))
    }
  }

  private static var refusedCopies: [LabRow] {
    [
      LabRow("an empty copy of a granted page is okay") { world in
        let page = try world.sharePattern(7)
        try expect(world.statusOfCopyOut(page.grants[0], length: 0), is: .okay, "copy out")
        try expect(
          world.statusOfCopyOut(page.grants[0], offset: 4096, length: 0), is: .okay, "at the end")
        try expect(world.statusOfCopyIn(page.grants[0], octets: []), is: .okay, "copy in")
        try expect(page.octets(), is: World.pattern(7))
      },
      LabRow("an empty copy of a bad reference is refused like any other") { world in
        try expect(
          world.statusOfCopyOut(.impossible, length: 0), is: .badGrantReference, "copy out")
        try expect(
          world.statusOfCopyIn(.impossible, octets: []), is: .badGrantReference, "copy in")
        let grant = try world.share().grants[0]
        try expect(world.statusOfCopyOut(grant, length: 0), is: .generalError, "revoked")
      },
      LabRow("an empty copy that is refused does not stop its batch") { world in
        let page = try world.sharePattern(8)
        var copies = [
          GrantCopy(grant: .impossible, pageOffset: 0, length: 0, bufferOffset: 0),
          GrantCopy(grant: page.grants[0], pageOffset: 0, length: 8, bufferOffset: 0),
        ]
        let seen = world.copyOut(&copies)
        try expect(copies.map(\.status), is: [.badGrantReference, .okay])
        try expect(Array(seen[0..<8]), is: Array(World.pattern(8)[0..<8]))
      },
      LabRow("a reference past the table is a bad reference") { world in
        try expect(world.statusOfCopyOut(.impossible), is: .badGrantReference, "copy out")
        try expect(world.statusOfCopyIn(.impossible), is: .badGrantReference, "copy in")
      },
      LabRow("a revoked reference is a general error") { world in
        let grant = try world.share().grants[0]
        try expect(world.statusOfCopyOut(grant), is: .generalError)
      },
      LabRow("a read-only page is copied out, not into") { world in
        let page = try world.sharePattern(5, access: .readOnly)
        try expect(world.statusOfCopyOut(page.grants[0]), is: .okay)
        try expect(world.statusOfCopyIn(page.grants[0]), is: .generalError)
        try expect(page.octets(), is: World.pattern(5))
      },
      LabRow("a copy across the page's end is a bad argument") { world in
        let page = try world.share()
        let grant = page.grants[0]
        try expect(world.statusOfCopyOut(grant, offset: 4090), is: .badCopyArgument, "out")
        try expect(world.statusOfCopyIn(grant, offset: 4033), is: .badCopyArgument, "in")
        try expect(
          world.statusOfCopyOut(grant, offset: .max, length: .max), is: .badCopyArgument, "far")
      },
      LabRow("a copy across the page's end does not stop its batch") { world in
        let page = try world.sharePattern(6)
        var copies = [
          GrantCopy(grant: page.grants[0], pageOffset: 0, length: 8, bufferOffset: 0),
          GrantCopy(grant: page.grants[0], pageOffset: 4095, length: 2, bufferOffset: 8),
          GrantCopy(grant: page.grants[0], pageOffset: 8, length: 8, bufferOffset: 16),
        ]
        let seen = world.copyOut(&copies)
        try expect(copies.map(\.status), is: [.okay, .badCopyArgument, .okay])
        try expect(Array(seen[16..<24]), is: Array(World.pattern(6)[8..<16]))
      },
      LabRow("a page granted to another domain is a general error") { world in
        let page = try world.frontend.allocator.share(1, with: .absent, access: .readWrite)
        try expect(world.statusOfCopyOut(page.grants[0]), is: .generalError)
      },
      LabRow("a domain that is not there is a bad domain") { world in
        var copies = [
          GrantCopy(grant: GrantReference(rawValue: 8), pageOffset: 0, length: 1, bufferOffset: 0)
        ]
        _ = RawOctets.made(1) { buffer in
          var span = copies.mutableSpan
          world.backend.grants.copy(&span, from: .absent, into: &buffer)
        }
        try expect(copies[0].status, is: .badDomain)
      },
    ]
  }
}
