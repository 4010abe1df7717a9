-- Lets one request in, if the rate and the places of its key and model have room for it; or else counts nothing.
--
-- KEYS: times of the requests of the last minute, newest first; places, each with the time at which it lapses.
-- ARGV: requests a minute, requests at once (either -1: no limit), how long a window is and how long a place is kept
--       without being renewed, in ms, and the id of the place.
-- Returns: what was decided, requests of the last minute, ms until one more of them is forgotten.
-- All times are Redis's own, in ms, so the clocks of the servers need not agree.

local ADMITTED, TOO_OFTEN, TOO_MANY = 0, 1, 2

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local per_minute, concurrent = tonumber(ARGV[1]), tonumber(ARGV[2])
local window_ms, lease_ms = tonumber(ARGV[3]), tonumber(ARGV[4])

local count, frees_ms = 0, 0
local function count_window()
  local oldest = redis.call('LINDEX', KEYS[1], -1)
  while oldest and tonumber(oldest) <= now - window_ms do
    redis.call('RPOP', KEYS[1])
    oldest = redis.call('LINDEX', KEYS[1], -1)
  end
  count = redis.call('LLEN', KEYS[1])
  if count > per_minute and per_minute > 0 then  -- the plan allows less than it did
    oldest = redis.call('LINDEX', KEYS[1], per_minute - 1)
  end
  frees_ms = oldest and (tonumber(oldest) + window_ms - now) or 0
end

if per_minute >= 0 then count_window() end
if concurrent >= 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
  if redis.call('ZCARD', KEYS[2]) >= concurrent then return {TOO_MANY, count, frees_ms} end
end
if per_minute >= 0 then
  if count >= per_minute then return {TOO_OFTEN, count, frees_ms} end
  redis.call('LPUSH', KEYS[1], now)
  redis.call('PEXPIRE', KEYS[1], window_ms)
  count = count + 1
  if count == 1 then frees_ms = window_ms end
end
if concurrent >= 0 then
  redis.call('ZADD', KEYS[2], now + lease_ms, ARGV[5])
  redis.call('PEXPIRE', KEYS[2], lease_ms)
end
return {ADMITTED, count, frees_ms}
