-- heap.lua: of very many things, the one that goes first, which stands first in a list that is kept so.

-- What stands at this place may go later than before.
local function sink(heap, place, goes_before)
  while true do
    local child = 2 * place
    if child < #heap and goes_before(heap[child + 1], heap[child]) then child = child + 1 end
    if child > #heap or not goes_before(heap[child], heap[place]) then return end
    heap[place], heap[child] = heap[child], heap[place]
    place = child
  end
end

local function make_heap(things, goes_before)
  for place = math.floor(#things / 2), 1, -1 do sink(things, place, goes_before) end
  return things
end

local function drop_first(heap, goes_before)
  heap[1] = heap[#heap]
  table.remove(heap)
  sink(heap, 1, goes_before)
end
