-- Decodes what `ringside show TRACE -w FILE.pcapng` and `ringside extcap` write beside frames: the events of
-- a Xen network interface's rings, and the blocks that say what became of a packet. The layouts stand in
-- Documentation/Wireshark.md.
--
-- Put this file into Wireshark's folder for personal plugins, or say `tshark -X lua_script:ringside.lua`.

local ringside = Proto("ringside", "Xen network ring event")
local story = Proto("ringside_story", "What became of a packet on a Xen network ring")

local kinds = {
  [0] = "tx-slot", "rx-slot", "control-slot", "request-producer", "response-producer",
  "event-index", "notification", "poll-begin", "poll-end", "copy-from-guest", "copy-to-guest",
  "map", "unmap", "memory", "release", "tx-response", "rx-response", "control-response",
  "delivered", "taken", "dropped", "state", "key", "connected", "disconnected", "disabled", "gap",
  "note", "snapshot",
}
local rings = { [0] = "tx", "rx", "control" }
local sides = { [0] = "frontend", "backend" }
local statuses = { [-2] = "dropped", [-1] = "error", [0] = "okay", [1] = "null" }
local grant_statuses = {
  [-13] = "no space", [-12] = "try again", [-11] = "address too big", [-10] = "bad copy argument",
  [-9] = "bad page", [-8] = "permission denied", [-7] = "no device space",
  [-6] = "bad device address", [-5] = "bad virtual address", [-4] = "bad handle",
  [-3] = "bad grant reference", [-2] = "bad domain", [-1] = "general error", [0] = "okay",
}
local extras = { "gso", "multicast-add", "multicast-delete", "hash", "xdp" }
local control_types = {
  "get-hash-flags", "set-hash-flags", "set-hash-key", "get-hash-mapping-size",
  "set-hash-mapping-size", "set-hash-mapping", "set-hash-algorithm", "get-grant-mapping-size",
  "add-grant-mapping", "delete-grant-mapping",
}
local states = {
  [0] = "unknown", "initialising", "init-wait", "initialised", "connected", "closing", "closed",
  "reconfiguring", "reconfigured",
}
local rules = {
  [0] = "tx/producer", "tx/missing-extra", "tx/extra-type", "tx/missing-slot",
  "tx/slot-limit-fatal", "tx/page-crossing", "tx/gso-size", "tx/gso-type", [255] = "unknown",
}
local checksums = { [0] = "unknown", "partial", "verified" }
local outcomes = {
  [0] = "no frame", "delivered", "waits for the guest", "handed to the guest", "refused",
  "waited too long", "guest cut off",
}
local yes = { [0] = "no", "yes" }
local masks = { 1, 2, 4, 8 }

-- Fields by the name that the layouts below use. A field knows its octets; without, it takes the rest.
local fields = {}

local function field(name, kind, size, title, words)
  local make = ProtoField[kind]
  local path = "ringside." .. name:gsub("-", "_")
  local display
  if kind == "string" or kind == "bytes" then
    display = make(path, title)
  elseif words then
    display = make(path, title, base.DEC, words)
  else
    display = make(path, title, base.DEC)
  end
  fields[name] = { size = size, kind = kind, label = name, words = words, display = display }
end

field("version", "uint8", 1, "Version of the layout")
field("kind", "uint8", 1, "Kind", kinds)
field("origin", "uint8", 1, "Seen by", { [0] = "the backend", "somebody outside" })
field("extra", "uint8", 1, "Extra info", yes)
field("domain", "uint16", 2, "Domain")
field("queue", "uint16", 2, "Queue")
field("device", "uint32", 4, "Device number")
field("event", "uint64", 8, "Number in the trace")
field("index", "uint32", 4, "Index")
field("request", "uint32", 4, "Index of the request")
field("gref", "uint32", 4, "Grant reference")
field("offset", "uint16", 2, "Offset")
field("size", "uint16", 2, "Size")
field("length", "uint16", 2, "Length")
field("captured", "uint16", 2, "Octets kept")
field("id", "uint16", 2, "Id")
field("pad", "uint16", 2, "Unused")
field("status", "int16", 2, "Status", statuses)
field("rx-status", "int16", 2, "Octets, or an error below 0")
field("grant-status", "int16", 2, "Status of the grant operation", grant_statuses)
field("handle", "uint32", 4, "Handle of the mapping")
field("read-only", "uint8", 1, "Read only", yes)
field("extra-type", "uint8", 1, "Type", extras)
field("extra-flags", "uint8", 1, "Flags")
field("extra-value", "uint16", 2, "Value")
field("extra-data", "uint32", 4, "Data")
field("unused", "uint32", 4, "Unused")
field("control-type", "uint16", 2, "Message", control_types)
field("control-status", "uint32", 4, "Status",
  { [0] = "okay", "not supported", "invalid parameter", "buffer overflow" })
field("data0", "uint32", 4, "First argument")
field("data1", "uint32", 4, "Second argument")
field("data2", "uint32", 4, "Third argument")
field("data", "uint32", 4, "Data")
field("ring", "uint8", 1, "Ring", rings)
field("by", "uint8", 1, "By", sides)
field("budget", "uint32", 4, "Budget")
field("consumer", "uint32", 4, "Requests taken")
field("producer", "uint32", 4, "Responses made")
field("packets", "uint32", 4, "Packets")
field("frame-length", "uint32", 4, "Length of the frame")
field("hash", "uint32", 4, "Flow hash")
field("segment-size", "uint16", 2, "Octets of payload per segment")
field("segment-type", "uint8", 1, "Type of segmentation")
field("checksum", "uint8", 1, "Checksum", checksums)
field("hash-type", "uint8", 1, "Type of the hash")
field("offload", "uint8", 1, "What there is",
  { [0] = "neither", "segmentation", "hash", "segmentation and hash" })
field("state", "uint8", 1, "State", states)
field("queues", "uint16", 2, "Queues")
field("rule", "uint8", 1, "Rule", rules)
field("lost", "uint64", 8, "Events lost")
field("key", "string", nil, "Key and value")
field("note", "string", nil, "Note")
field("octets", "bytes", nil, "Octets")
field("outcome", "uint8", 1, "Outcome", outcomes)
field("omitted", "uint32", 4, "Events left out")
field("count", "uint32", 4, "Events")

-- Flags mean different things in a request and in a response.
local function flags(name, title, bits)
  field(name, "uint16", 2, title)
  local known = fields[name]
  known.bits = {}
  for place, words in ipairs(bits) do
    local path = "ringside." .. name:gsub("-", "_") .. "." .. words:gsub(" ", "_")
    known.bits[place] = ProtoField.bool(path, words, 16, { "yes", "no" }, masks[place])
  end
end

flags("tx-flags", "Flags", { "checksum blank", "data validated", "more data", "extra info" })
flags("rx-flags", "Flags", { "data validated", "checksum blank", "more data", "extra info" })

local list = {}
for _, known in pairs(fields) do
  list[#list + 1] = known.display
  for _, bit in pairs(known.bits or {}) do list[#list + 1] = bit end
end
ringside.fields = list

local short = ProtoExpert.new("ringside.short", "The event ends early", expert.group.MALFORMED,
  expert.severity.ERROR)
ringside.experts = { short }

-- What an event consists of, behind its head. A number stands for so many unused octets.
local head = {
  "version", "kind", "origin", "extra", "domain", "queue", "device", 4, "event",
}
local extra = { "extra-type", "extra-flags", "extra-value", "extra-data" }
local frame = {
  "request", "frame-length", "hash", "segment-size", "segment-type", "checksum", "hash-type",
  "offload", 2,
}
local layouts = {
  [0] = { "index", "gref", "offset", "tx-flags", "id", "size" },
  { "index", "id", "pad", "gref" },
  { "index", "id", "control-type", "data0", "data1", "data2" },
  { "ring", 3, "index" },
  { "ring", 3, "index" },
  { "ring", "by", 2, "index" },
  { "ring", "by", 2 },
  { "ring", 3, "budget" },
  { "ring", 3, "consumer", "producer", "packets" },
  { "gref", "offset", "length", "grant-status", "captured" },
  { "gref", "offset", "length", "grant-status", "captured" },
  { "gref", "handle", "grant-status", "read-only", 1 },
  { "gref", "handle", "grant-status", 2 },
  { "gref", "offset", "length", "octets" },
  { "index" },
  { "index", "request", "id", "status" },
  { "index", "id", "offset", "rx-flags", "rx-status" },
  { "index", "id", "control-type", "control-status", "data" },
  frame,
  frame,
  frame,
  { "state", "by", 2 },
  { "by", 3, "key" },
  { "queues", 2 },
  {},
  { "rule", 3 },
  { "lost" },
  { "note" },
  { "octets" },
}
local tx_extra = { "index", extra[1], extra[2], extra[3], extra[4], "unused" }
local rx_extra = { "index", extra[1], extra[2], extra[3], extra[4] }

local function text(known, range)
  local value
  if known.kind == "string" then return range:string() end
  if known.kind == "bytes" then return nil end
  if known.kind == "uint64" then
    value = tostring(range:le_uint64())
  elseif known.kind == "int16" then
    value = range:le_int()
  else
    value = range:le_uint()
  end
  return known.words and known.words[value] or tostring(value)
end

-- Adds the fields of a layout from `place` on. Returns where they end, or nil, and the words for them.
local function add(layout, buffer, place, tree)
  local words = ""
  for _, name in ipairs(layout) do
    if type(name) == "number" then
      place = place + name
    else
      local known = fields[name]
      local size = known.size or buffer:len() - place
      if place + size > buffer:len() then
        tree:add_proto_expert_info(short)
        return nil, words
      end
      if size > 0 then
        local range = buffer(place, size)
        local item = known.size and tree:add_le(known.display, range)
          or tree:add(known.display, range)
        for _, bit in ipairs(known.bits or {}) do item:add_le(bit, range) end
        local value = text(known, range)
        if value then words = words .. " " .. known.label .. "=" .. value end
      end
      place = place + size
    end
  end
  return place, words
end

-- Adds an event and returns the words for it.
local function add_event(buffer, tree)
  local place = add(head, buffer, 0, tree)
  if not place then return "cut" end
  local kind = buffer(1, 1):uint()
  local name = kinds[kind] or "unknown"
  local layout = layouts[kind] or { "octets" }
  if buffer(3, 1):uint() == 1 then
    if kind == 0 then layout, name = tx_extra, "tx-extra" end
    if kind == 16 then layout, name = rx_extra, "rx-extra" end
  end
  local _, words = add(layout, buffer, place, tree)
  return name .. words
end

function ringside.dissector(buffer, packet, tree)
  packet.cols.protocol = "RING"
  local item = tree:add(ringside, buffer())
  local words = add_event(buffer, item)
  item:append_text(", " .. words)
  packet.cols.info = words
  return buffer:len()
end

-- A block of ours begins with its name; what another program puts there is left alone.
local function start_of_story(buffer)
  for _, place in ipairs({ 0, 4 }) do
    if buffer:len() >= place + 28 and buffer(place, 8):string() == "RINGSIDE" then return place end
  end
end

function story.dissector(buffer, packet, tree)
  local start = start_of_story(buffer)
  if not start then return 0 end
  packet.cols.protocol = "RING"
  local item = tree:add(story, buffer(start))
  local layout = { "version", "outcome", "rule", 1, "omitted", "event", "count" }
  local place = add(layout, buffer, start + 8, item)
  local outcome = outcomes[buffer(start + 9, 1):uint()] or "unknown"
  packet.cols.info = outcome .. ", event " .. tostring(buffer(start + 16, 8):le_uint64())
  for _ = 1, buffer(start + 24, 4):le_uint() do
    local length = place + 4 <= buffer:len() and buffer(place, 4):le_uint() or 0
    if length == 0 or place + 4 + length > buffer:len() then
      item:add_proto_expert_info(short)
      return buffer:len()
    end
    local event = item:add(ringside, buffer(place + 4, length))
    event:append_text(", " .. add_event(buffer(place + 4, length):tvb(), event))
    place = place + 4 + length
  end
  return buffer:len()
end

DissectorTable.get("wtap_encap"):add((wtap_encaps or wtap).USER0, ringside)

-- Where no table takes dissectors of custom blocks, as in Wireshark 4.0, one that looks at every record knows ours by its name.
local is_there, blocks = pcall(DissectorTable.get, "pcapng_custom_block")
if is_there and blocks then blocks:add(32473, story) else register_postdissector(story) end
