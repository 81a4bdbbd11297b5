import TestSupport
import Testing

@Suite struct `What is told of a packet` {
  static let slots = """
    1.000000001 0.0 fetched poll-begin tx budget=64
    1.000000001 0.0 fetched tx-slot 0 gref=8 offset=64 flags=0xc id=3 size=104
    1.000000001 0.0 fetched tx-extra 1 type=1 flags=0x0 value=1448 data=0x1 unused=0x0
    1.000000001 0.0 fetched tx-slot 2 gref=9 offset=0 flags=0x0 id=4 size=4

    """

  @Test func `stands at its frame: slots, grant operations and answers`() throws {
    let file = try capture(
      events: Self.slots + """
        1.000000002 0.0 fetched copy-from-guest gref=8 offset=64 length=100 status=okay
        1.000000002 0.0 fetched map gref=9 read-only=yes handle=7 status=okay
        1.000000003 0.0 fetched delivered request=0 length=104 checksum=unknown data=0102
        1.000000004 0.0 fetched poll-end tx consumer=3 producer=0 packets=1
        1.000000005 0.0 fetched release 2
        1.000000005 0.0 fetched unmap gref=9 handle=7 status=okay
        1.000000006 0.0 fetched tx-response 0 request=0 id=3 status=okay
        1.000000006 0.0 fetched tx-response 1 request=1 id=0 status=null
        1.000000006 0.0 fetched tx-response 2 request=2 id=4 status=okay
        """)
    let comment = """
      delivered; 3 slots, 3 answered, 0 errors
      tx-slot 0 gref=8 offset=64 flags=0xc id=3 size=104
      tx-extra 1 type=1 flags=0x0 value=1448 data=0x1 unused=0x0
      tx-slot 2 gref=9 offset=0 flags=0x0 id=4 size=4
      copy-from-guest gref=8 offset=64 length=100 status=okay
      map gref=9 read-only=yes handle=7 status=okay
      release 2
      unmap gref=9 handle=7 status=okay
      tx-response 0 request=0 id=3 status=okay
      tx-response 1 request=1 id=0 status=null
      tx-response 2 request=2 id=4 status=okay
      """
    #expect(file.comments == [comment])
    #expect(file.frames.map(\.comment) == [comment])
    #expect(file.packets.map(\.identity) == (0..<13).map { $0 })
  }

  @Test func `stands at its frame where the answers come first, as in a kernel`() throws {
    let file = try capture(
      events: """
        1 0.0 observed poll-begin tx budget=64
        1 0.0 observed tx-slot 9 gref=9 offset=2 flags=0x0 id=1 size=42
        2 0.0 observed copy-from-guest gref=9 offset=2 length=42 status=okay
        2 0.0 observed tx-response 9 request=9 id=1 status=okay
        3 0.0 observed delivered request=9 length=42 checksum=unknown
        """)
    #expect(file.comments.count == 1)
    #expect(
      file.frames.first?.comment?.hasPrefix("delivered; 1 slot, 1 answered, 0 errors\n") == true)
  }

  @Test func `stands at the first slot where there is no frame`() throws {
    let file = try capture(
      events: Self.slots + """
        1.000000006 0.0 fetched tx-response 0 request=0 id=3 status=error
        1.000000006 0.0 fetched tx-response 1 request=1 id=0 status=null
        1.000000006 0.0 fetched tx-response 2 request=2 id=4 status=error
        1.000000004 0.0 fetched poll-end tx consumer=3 producer=3 packets=0
        """)
    #expect(file.comments.count == 1)
    #expect(file.events[1].comment?.hasPrefix("no frame; 3 slots, 3 answered, 2 errors\n") == true)
  }

  @Test func `names the rule by which the guest was cut off`() throws {
    let file = try capture(events: Self.slots + "1.000000006 0.0 fetched disabled rule=5")
    #expect(
      file.events[1].comment?.hasPrefix(
        "no frame, guest cut off by tx/page-crossing; 3 slots, 0 answered, 0 errors\n") == true)
  }

  @Test func `goes apart by queues, and not to what the control ring copies`() throws {
    let file = try capture(
      events: """
        1 0.0 fetched tx-slot 0 gref=8 offset=0 flags=0x0 id=0 size=60
        1 0.1 fetched tx-slot 0 gref=8 offset=0 flags=0x0 id=5 size=60
        1 0.0 fetched poll-begin control budget=1
        1 0.0 fetched copy-from-guest gref=8 offset=0 length=60 status=okay
        1 0.0 fetched poll-end control consumer=1 producer=1 packets=1
        1 0.1 fetched copy-from-guest gref=8 offset=0 length=60 status=-3
        """)
    #expect(
      file.comments == [
        """
        no frame; 1 slot, 0 answered, 0 errors
        tx-slot 0 gref=8 offset=0 flags=0x0 id=0 size=60
        """,
        """
        no frame; 1 slot, 0 answered, 0 errors
        tx-slot 0 gref=8 offset=0 flags=0x0 id=5 size=60
        copy-from-guest gref=8 offset=0 length=60 status=-3
        """,
      ])
  }

  @Test func `goes to the packet whose slot comes next where several name a page`() throws {
    let file = try capture(
      events: """
        1 0.0 fetched tx-slot 0 gref=8 offset=0 flags=0x0 id=0 size=60
        1 0.0 fetched tx-slot 1 gref=8 offset=0 flags=0x0 id=1 size=60
        1 0.0 fetched copy-from-guest gref=8 offset=0 length=60 status=okay
        1 0.0 fetched copy-from-guest gref=8 offset=0 length=60 status=-1
        """)
    #expect(file.comments.map { $0.hasSuffix("status=okay") } == [true, false])
    #expect(file.comments.map { $0.hasSuffix("status=-1") } == [false, true])
  }
}

@Suite struct `What is told of a frame for the guest` {
  static let requests = """
    1 0.0 fetched rx-slot 0 id=0 gref=20
    1 0.0 fetched rx-slot 1 id=1 gref=21
    1 0.0 fetched rx-slot 2 id=2 gref=22
    2 0.0 fetched taken length=5000 checksum=unknown
    2 0.0 fetched taken length=60 checksum=unknown

    """

  @Test func `is what brought it there`() throws {
    let file = try capture(
      events: Self.requests + """
        3 0.0 fetched copy-to-guest gref=20 offset=0 length=4096 status=okay
        3 0.0 fetched copy-to-guest gref=21 offset=0 length=904 status=okay
        3 0.0 fetched copy-to-guest gref=22 offset=0 length=60 status=-8
        4 0.0 fetched rx-response 0 id=0 offset=0 flags=0x4 status=4096
        4 0.0 fetched rx-response 1 id=1 offset=0 flags=0x0 status=904
        4 0.0 fetched rx-response 2 id=2 offset=0 flags=0x0 status=-1
        """)
    #expect(
      file.frames.map(\.comment) == [
        """
        handed to the guest; 2 slots, 2 answered, 0 errors
        rx-slot 0 id=0 gref=20
        rx-slot 1 id=1 gref=21
        copy-to-guest gref=20 offset=0 length=4096 status=okay
        copy-to-guest gref=21 offset=0 length=904 status=okay
        rx-response 0 id=0 offset=0 flags=0x4 status=4096
        rx-response 1 id=1 offset=0 flags=0x0 status=904
        """,
        """
        handed to the guest; 1 slot, 1 answered, 1 error
        rx-slot 2 id=2 gref=22
        copy-to-guest gref=22 offset=0 length=60 status=-8
        rx-response 2 id=2 offset=0 flags=0x0 status=-1
        """,
      ])
  }

  @Test func `knows extra infos`() throws {
    let file = try capture(
      events: Self.requests + """
        4 0.0 fetched rx-response 0 id=0 offset=0 flags=0x8 status=5000
        4 0.0 fetched rx-extra 1 type=1 flags=0x0 value=1448 data=0x1
        """)
    #expect(
      file.frames.first?.comment == """
        handed to the guest; 2 slots, 2 answered, 0 errors
        rx-slot 0 id=0 gref=20
        rx-slot 1 id=1 gref=21
        rx-response 0 id=0 offset=0 flags=0x8 status=5000
        rx-extra 1 type=1 flags=0x0 value=1448 data=0x1
        """)
  }

  @Test func `says that it waits, was refused or had waited too long`() throws {
    let file = try capture(
      events: Self.requests + """
        3 0.0 fetched dropped length=1 checksum=unknown
        4 0.0 fetched poll-begin rx budget=0
        4 0.0 fetched dropped length=5000 checksum=unknown
        4 0.0 fetched poll-end rx consumer=0 producer=0 packets=0
        """)
    #expect(
      file.frames.map(\.comment) == [
        "dropped: had waited too long", "waits for the guest", "dropped: refused",
        "dropped: had waited too long",
      ])
  }

  @Test func `is nothing where it is not known which frames wait`() throws {
    let file = try capture(
      events: """
        2 0.0 fetched gap lost=1
        3 0.0 fetched taken length=60 checksum=unknown
        3 0.0 fetched rx-response 0 id=0 offset=0 flags=0x0 status=60
        """)
    #expect(file.frames.map(\.comment) == [nil])
  }
}
