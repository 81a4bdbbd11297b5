/// The kinds of steps, each with its word in the text form.
enum ScenarioStepKind: String {
  case send, extra, offer, message, raw, flip, publish, listen, frame, pass, grant, refuse, fill
  case word, rate, reconnect, lie
  case key, rings, ahead, toolstack, packets, join, deliver, release, storm, die

  /// A step of the kind with nothing in it.
  var blank: ScenarioStep {
    switch self {
    case .send: .send(ScenarioSlot(.page(0), size: 0))
    case .extra: .extra(ScenarioExtra(type: 0))
    case .offer: .offer(.page(0))
    case .message: .message(ScenarioMessage(0))
    case .raw: .raw(.tx, ScenarioWords(0))
    case .flip: .flip(.tx, back: 0, word: 0, to: 0)
    case .publish: .publish(.tx, beyond: 0, tells: true)
    case .listen: .listen(.tx, ahead: 0)
    case .frame: .frame(ScenarioFrame(0))
    case .pass: .pass(milliseconds: 0)
    case .grant: .grant(page: 0, .none)
    case .refuse: .refuse(page: 0, status: 0)
    case .fill: .fill(page: 0, offset: 0, length: 0, octet: 0)
    case .word: .word(page: 0, place: 0, 0)
    case .rate: .rate(octets: 0, milliseconds: 0)
    case .reconnect: .reconnect
    case .lie: .lie(ahead: 0, status: 0)
    case .key: .key(ScenarioKey(.state, .none))
    case .rings: .rings(ScenarioRings())
    case .ahead: .ahead(.tx, queue: 0, count: 0)
    case .toolstack: .toolstack(.plug, looks: true)
    case .packets: .packets(queue: 0, count: 0, held: false)
    case .join: .join(queue: 0)
    case .deliver: .deliver(queue: 0, group: false)
    case .release: .release
    case .storm: .storm(.tx, queue: 0, events: 0)
    case .die: .die
    }
  }

  /// The stage that it belongs to; of what belongs to both, the rings.
  var stage: ScenarioStage { ScenarioStage.rings.kinds.contains(self) ? .rings : .xenbus }
}

extension ScenarioStep {
  var kind: ScenarioStepKind {
    switch self {
    case .send: .send
    case .extra: .extra
    case .offer: .offer
    case .message: .message
    case .raw: .raw
    case .flip: .flip
    case .publish: .publish
    case .listen: .listen
    case .frame: .frame
    case .pass: .pass
    case .grant: .grant
    case .refuse: .refuse
    case .fill: .fill
    case .word: .word
    case .rate: .rate
    case .reconnect: .reconnect
    case .lie: .lie
    case .key: .key
    case .rings: .rings
    case .ahead: .ahead
    case .toolstack: .toolstack
    case .packets: .packets
    case .join: .join
    case .deliver: .deliver
    case .release: .release
    case .storm: .storm
    case .die: .die
    }
  }
}
