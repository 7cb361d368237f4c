-- The rate of an account: slots for requests, one a period, by GCRA and the server's clock. All times are in microseconds.
--
-- KEYS[1]  a hash:
--   epoch         changes when all slots that were reserved before are void
--   full_at       when the bucket will be full if nothing is reserved until then
--   held_until    until when no request may be sent because of a 429
--   burst         the burst in force
--   throttled_at  when the last 429 was reported, 0 if the burst is the configured one
--   seen_at       when this script ran last
-- ARGV[1]  `reserve` or `throttle`
-- ARGV[2]  the period
-- ARGV[3]  the configured burst
-- `reserve`:  ARGV[4] how many slots are wanted; ARGV[5] for how long nothing is granted to one that comes back, or 0
-- `throttle`: ARGV[4] for how long no request may be sent

local SECOND = 1000000
local SAME_BURST = SECOND
local RECOVERY = 600 * SECOND
local KEPT = 24 * 3600 * SECOND
local LONGEST = 366 * KEPT

local key, period, configured = KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * SECOND + time[2]

-- Lua would write large numbers with 14 digits.
local function text(number)
  return string.format('%.0f', number)
end

local kept = redis.call('HMGET', key, 'epoch', 'full_at', 'held_until', 'burst', 'throttled_at', 'seen_at')
local epoch = kept[1]
local full_at, held_until, burst = tonumber(kept[2] or 0), tonumber(kept[3] or 0), tonumber(kept[4] or configured)
local throttled_at, seen_at = tonumber(kept[5] or 0), tonumber(kept[6] or 0)

-- No burst is granted when nothing is known of the time before, or the server's clock was set back.
if not epoch or seen_at > now + SECOND then
  epoch, full_at, held_until, burst, throttled_at, seen_at = text(now), now + period * configured, 0, configured, 0, 0
end

-- The next slot stays where it is, or comes a period from now: a larger burst has to be earned.
local function set_burst(new)
  full_at = math.max(full_at + (new - burst) * period, now + new * period)
  burst = new
end

local function save()
  redis.call('HSET', key, 'epoch', epoch, 'full_at', text(full_at), 'held_until', text(held_until), 'burst', text(burst),
    'throttled_at', text(throttled_at), 'seen_at', text(now))
  redis.call('PEXPIRE', key, text(math.min(math.max(full_at, held_until) - now + KEPT, LONGEST) / 1000))
end

if ARGV[1] == 'throttle' then
  -- Several responses to one burst count once.
  if held_until <= now and now - throttled_at >= SAME_BURST then
    burst = math.max(1, math.floor(burst / 2))
  end
  throttled_at = now
  held_until = math.max(held_until, now + tonumber(ARGV[4]))
  -- The tokens of a time in which nothing could be sent would be the same burst again.
  full_at = held_until + period * burst
  epoch = text(now)
  save()
  return epoch
end

if throttled_at > 0 and now - throttled_at >= RECOVERY then
  set_burst(math.min(configured, 2 * burst))
  throttled_at = burst < configured and now or 0
elseif throttled_at == 0 and burst ~= configured then
  set_burst(configured)
end

local wanted, pause = tonumber(ARGV[4]), tonumber(ARGV[5])
if pause > 0 then
  -- One comes back that has sent requests by its own share. If it is the first, the others still do.
  full_at = math.max(full_at, now + period * burst + (now - seen_at > pause and pause or 0))
end

local held, free, wait = math.max(0, held_until - now), 0, 0
if held == 0 and wanted > 0 then
  wait = math.max(0, full_at - (burst - 1) * period - now)
  if wait > 0 then
    full_at = full_at + period
  end
  while wait == 0 and free < wanted and full_at - (burst - 1) * period <= now do
    full_at = math.max(full_at, now) + period
    free = free + 1
  end
end
save()
return {epoch, text(held), free, text(wait)}
