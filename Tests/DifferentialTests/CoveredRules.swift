// The rules of Linux's TX path in the order in which it applies them, its boundary values, and what
// known attacks on it did. Not here, because no guest can ask for it: memory running out, a slot
// that changes between two reads (the backend's own tests script that), grant statuses that Xen
// does not give (likewise), a ring attached with a producer far ahead (`LifeCycleTests`).

extension CoveredRule {
  static var all: [CoveredRule] { steps + boundaries + attacks }

  private static func names(_ prefix: String, _ values: some Sequence<Int>) -> [String] {
    values.map { "\(prefix)\($0)" }
  }

  /// One packet at a time, in Linux's order of steps.
  private static var steps: [CoveredRule] {
    [
      CoveredRule("nothing is taken of a disabled vif", .disabled, ["ring/nothing-after-fatal"]),
      CoveredRule(
        "R-01: a producer more than 256 ahead of the consumer is fatal", .disabled,
        names("ring/empty-beyond-", [257, 1000, 1 << 31, 0xffff_ffff]) + ["ring/backwards"]),
      CoveredRule(
        "R-46: a packet beyond the credit waits, unconsumed", .accepted,
        ["credit/second-waits", "credit/larger-than-window", "credit/exact"]),
      CoveredRule(
        "a refused packet is charged", .refused, ["credit/charged-though-dropped"]),
      CoveredRule(
        "R-04, R-05: an extra info that is not published is fatal", .disabled,
        ["extra/missing", "extra/missing-after-more", "extra/missing-after-valid"]),
      CoveredRule(
        "R-06: an extra info of type 0 or 6 and above is fatal", .disabled,
        names("extra/type-", [0, 6, 7, 127, 255])),
      CoveredRule(
        "extra infos of the other types are taken", .accepted, names("extra/type-", 1...5)),
      CoveredRule(
        "R-08: of two extra infos of a type the last one counts", .accepted, ["extra/gso-twice"]),
      CoveredRule(
        "of two extra infos of a type a bad last one is fatal", .disabled,
        ["extra/gso-twice-last-bad"]),
      CoveredRule(
        "R-09: extra infos may chain as far as the ring goes", .accepted,
        names("extra/chain-", [1, 2, 3, 30, 254, 255])),
      CoveredRule(
        "R-12: a multicast request ignores data, size and more-data", .accepted,
        [
          "order/multicast-add-ignores-data", "order/multicast-delete-ignores-data",
          "order/multicast-ignores-more-data", "order/multicast-before-gso",
        ]),
      CoveredRule(
        "R-12: adding wins over deleting", .accepted, ["order/multicast-add-wins-over-delete"]),
      CoveredRule("R-12: the 65th address is refused", .mixed, ["extra/multicast-fills"]),
      CoveredRule(
        "deleting an address makes room", .mixed, ["extra/multicast-delete-makes-room"]),
      CoveredRule(
        "R-03, R-07: a chain that is not published whole is fatal", .disabled,
        [
          "order/missing-slot-before-minimum", "sequence/valid-then-missing-slot",
          "extra/more-data-and-extra-alone", "order/extras-before-slots",
        ]),
      CoveredRule(
        "R-18: more than 21 slots are fatal", .disabled, names("slots/count-", [22, 23])),
      CoveredRule(
        "R-18: 20 and 21 slots are refused", .refused,
        names("slots/count-", [20, 21]) + ["order/slot-limit-before-size-sum"]),
      CoveredRule(
        "R-17: a slot larger than what remains is refused", .refused,
        [
          "boundary/second-101-of-100", "boundary/second-200-of-100",
        ]),
      CoveredRule(
        "R-15, R-19: a later slot across a page is fatal, in a refused packet too", .disabled,
        ["order/crossing-continuation-overrides-drop", "slots/empty-and-crossing"]
          + [19, 20, 21, 22].map { "slots/last-of-\($0)-crosses" }),
      CoveredRule(
        "R-13: less than 14 octets in the first slot are refused", .refused,
        names("boundary/single-", 0...13) + ["order/minimum-before-gso"]),
      CoveredRule(
        "R-15: a first slot across a page is fatal", .disabled,
        ["boundary/single-14-at-4083", "order/first-crossing-before-gso"]),
      CoveredRule(
        "R-20: the first slot is copied whole when 17 others follow", .accepted,
        [17, 18, 19].flatMap { count in
          ["16-7", "20-6", "110-1", "128-1", "300-1", "4096-200"].map {
            "slots/linear-\($0)-in-\(count)"
          }
        }),
      CoveredRule(
        "R-10: segmentation of size 0 is fatal", .disabled,
        [0, 1, 2, 3, 255].map { "offload/gso-size-0-type-\($0)" } + ["order/gso-before-grants"]),
      CoveredRule(
        "R-10: segmentation of an unknown type is fatal", .disabled,
        [0, 3, 255].map { "offload/gso-size-1-type-\($0)" }),
      CoveredRule(
        "hashes of every type are taken", .accepted,
        names("extra/hash-type-", [0, 1, 2, 3, 4, 255])),
      CoveredRule(
        "an XDP extra info is ignored", .accepted, ["extra/type-5", "extra/all-types"]),
      CoveredRule(
        "empty slots behind the linear area are answered at once, never looked at", .accepted,
        [
          "slots/empty-behind-linear", "slots/empty-with-unknown-grant",
          "order/empty-before-copied",
        ]),
      CoveredRule(
        "a refused packet ends the batch, not the queue", .mixed, ["order/drop-ends-batch"]),
    ]
  }

  /// Values at limits, and beside them.
  private static var boundaries: [CoveredRule] {
    [
      CoveredRule(
        "R-18: 1 to 19 data slots are accepted", .accepted, names("slots/count-", 1...19)),
      CoveredRule("14 octets are accepted", .accepted, ["boundary/single-14"]),
      CoveredRule(
        "a first slot of 14 octets of its own is accepted", .accepted, ["boundary/first-own-14"]),
      CoveredRule(
        "a first slot of 13 octets of its own is refused", .refused, ["boundary/first-own-13"]),
      CoveredRule(
        "a first slot of no octets of its own is refused", .refused,
        ["boundary/second-100-of-100"]),
      CoveredRule(
        "a later slot may end with its page", .accepted,
        ["boundary/continuation-1-at-4095", "boundary/continuation-0-at-4096"]),
      CoveredRule(
        "a later slot may not end an octet behind it", .disabled,
        ["boundary/continuation-2-at-4095", "boundary/continuation-0-at-4097"]),
      CoveredRule(
        "a first slot may end with its page", .accepted,
        ["boundary/single-14-at-4082", "boundary/single-4096"]),
      CoveredRule(
        "a first slot may not end an octet behind it", .disabled,
        ["boundary/single-15-at-4082", "boundary/single-4097", "boundary/single-65535"]),
      CoveredRule(
        "too few octets are refused before the page is looked at", .refused,
        ["order/minimum-before-first-crossing"]),
      CoveredRule(
        "R-02: 256 requests at once are processed", .accepted,
        ["ring/singles-256", "ring/full-of-pairs"]),
      CoveredRule(
        "256 claimed requests are processed, whatever stands there", .refused,
        ["ring/empty-beyond-256"]),
      CoveredRule(
        "R-14: 65,535 octets are accepted", .accepted, [17, 18, 19].map { "slots/65535-in-\($0)" }),
      CoveredRule(
        "more than 65,535 octets are refused", .refused, names("slots/overflow-", [65536, 66000])),
      CoveredRule(
        "an empty slot in the linear area is copied", .accepted,
        ["slots/empty-second-of-three", "slots/empty-around-128"]),
      CoveredRule(
        "an empty slot in the linear area needs a good reference", .mixed,
        ["grant/bad-empty-inside-linear"]),
    ]
  }

  /// What guests have done to backends, or could have.
  private static var attacks: [CoveredRule] {
    [
      CoveredRule(
        "R-16: offset and size that wrap in 16 bits are fatal", .disabled,
        ["boundary/single-65535-at-65535", "boundary/continuation-65535-at-65535"]),
      CoveredRule(
        "R-11: segmentation of any other size is accepted", .accepted,
        [1, 14, 536, 1459, 65535].map { "offload/gso-size-\($0)-type-1" }),
      CoveredRule(
        "R-21: empty slots everywhere", .accepted,
        [
          "behind-linear", "behind-linear-middle", "behind-linear-many", "at-128", "at-128-middle",
          "two", "many", "many-behind", "most", "in-17", "in-19", "in-19-middle",
        ].map { "slots/empty-\($0)" }),
      CoveredRule(
        "R-22: headers may be split over slots", .accepted, names("slots/split-headers-", 14...53)),
      CoveredRule(
        "R-23: a bad reference in the first slot", .refused,
        [1, 2, 3, 17, 18, 19].map { "grant/unknown-600-0-of-\($0)" }),
      CoveredRule(
        "R-23: a bad reference in a later slot", .mixed,
        [(1, 2), (1, 3), (2, 3), (1, 17), (8, 17), (16, 17), (9, 18), (17, 18), (9, 19), (18, 19)]
          .map { "grant/unknown-600-\($0.0)-of-\($0.1)" }),
      CoveredRule(
        "R-23: bad references in all slots", .refused,
        [1, 2, 3, 17, 18, 19].map { "grant/revoked-600-all-of-\($0)" }),
      CoveredRule(
        "R-24: a bad reference in a first slot that is copied and mapped", .refused,
        ["grant/unknown-first-own-129", "grant/revoked-first-own-300"]),
      CoveredRule(
        "R-25: a refused packet across index 2^32", .refused,
        ["sequence/three-slot-drop-across", "sequence/three-slot-drop/wrap"]),
      CoveredRule(
        "R-39: nothing is answered after a fatal packet, nor after connecting again", .disabled,
        ["sequence/reconnect-after-fatal"]),
      CoveredRule(
        "the list of addresses goes with the connection", .mixed,
        ["sequence/multicast-full-reconnect"]),
      CoveredRule(
        "R-46: a limit that is raised lets what waits pass", .accepted,
        ["credit/raised-while-waiting"]),
      CoveredRule(
        "R-46: a limit that is lowered adds to what waits, and cuts what is left", .accepted,
        ["credit/lowered-while-waiting", "credit/lowered"]),
      CoveredRule(
        "R-47: unknown flag bits are ignored", .accepted,
        names("slots/unknown-flags-", 0...7) + ["extra/unknown-flags", "extra/all-flags"]),
      CoveredRule(
        "R-48: features that were not advertised may be used", .accepted,
        ["sequence/features-not-advertised"]),
      CoveredRule(
        "R-49: a valid packet follows a refused one", .refused, ["sequence/drop-then-valid"]),
      CoveredRule(
        "R-50: a valid packet ahead of a fatal one is delivered", .disabled,
        ["sequence/valid-then-fatal", "order/fatal-keeps-earlier"]),
    ]
  }
}
