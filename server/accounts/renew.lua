-- Keeps places that are still held from lapsing. One that was given back meanwhile does not come again.
--
-- KEYS: the places of a key and model. ARGV: how long a place is kept without being renewed, in ms, then their ids.

local time = redis.call('TIME')
local lapses = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[1])
for index = 2, #ARGV do
  redis.call('ZADD', KEYS[1], 'XX', lapses, ARGV[index])
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 0
