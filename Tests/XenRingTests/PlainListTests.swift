import Testing
import XenRing

@Suite struct `A plain list` {
  @Test(arguments: [0, 1, 4, 9])
  func `keeps what it is given, beyond the room it was made with`(room: Int) {
    var list = PlainList<UInt16>(room: room)
    for value in 0..<9 { list.append(UInt16(value)) }
    #expect(list.elements == Array(0..<9))
    #expect(list.count == 9)
  }

  @Test func `begins again at its first place`() {
    var list = PlainList<UInt16>(repeating: 7, count: 3)
    list.removeAll()
    let isEmpty = list.isEmpty
    #expect(isEmpty)
    list.append(1)
    #expect(list.elements == [1])
  }

  @Test func `is changed in place, by place and by span`() {
    var list = PlainList<UInt16>(repeating: 7, count: 3)
    list[1] = 8
    var span = list.mutableSpan
    span[2] = 9
    #expect(list.elements == [7, 8, 9])
  }

  @Test(arguments: [-1, 3])
  func `has nothing beside its values`(place: Int) async {
    await #expect(processExitsWith: .failure) { [place] in
      let list = PlainList<UInt16>(repeating: 7, count: 3)
      _ = list[place]
    }
  }
}
