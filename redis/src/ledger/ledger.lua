-- A ledger: its open entries, and the sessions that hold them, which time out by the server's clock. Times in microseconds.
--
-- KEYS[1]  a hash:
--   version         of this format
--   next            the number of the last entry
--   seen            when a session was last in touch with the server
--   since           since when sessions have been, without a gap
--   session/<id>    when a session times out; none if it has ended, or is fenced
--   planned/<key>   an entry: its number, its kind, and the create as JSON
--   holder/<key>    the session that holds it
--   results/<key>   the ids of its results, one a line
--   result/<id>     the key of the entry that it is a result of
--   deleting/<id>   its deletion was accepted
-- ARGV[1]  the session that asks
-- ARGV[2]  the session timeout
-- ARGV[3]  after how long without any session in touch none of them counts as ended
-- ARGV[4]  for how long then
-- ARGV[5]  what to do: a function of `work`, or what the end of this script has
-- ARGV[6]… its arguments

local VERSION = 1
local DAY = 24 * 3600 * 1000000

local hash, me = KEYS[1], ARGV[1]
local timeout, gap, settling = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local function get(field)
  return redis.call('HGET', hash, field)
end

local function set(field, value)
  redis.call('HSET', hash, field, value)
end

local function remove(field)
  redis.call('HDEL', hash, field)
end

-- Lua would write large numbers with 14 digits.
local function text(number)
  return string.format('%.0f', number)
end

local version = get('version')
if not version then
  set('version', VERSION)
elseif tonumber(version) ~= VERSION then
  return {'another version'}
end

-- After a time in which no session has reached the server, or if its clock was set, sessions that are running have to be heard
-- before one counts as ended.
local seen, since = tonumber(get('seen') or 0), tonumber(get('since') or 0)
if now - seen > gap or now < since then
  since = now
  set('since', text(since))
end
set('seen', text(now))

local function is_running(session)
  local ends = get('session/' .. session)
  return ends and (tonumber(ends) > now or now - since < settling)
end

local function kind_of(key)
  local planned = key and get('planned/' .. key)
  return planned and string.match(planned, '^%d+ (%S+) ')
end

local function close(key)
  for id in string.gmatch(get('results/' .. key) or '', '[^\n]+') do
    remove('result/' .. id)
    remove('deleting/' .. id)
  end
  remove('results/' .. key)
  remove('holder/' .. key)
  remove('planned/' .. key)
end

-- Returns whether this session holds the entry now. The one that held it before is fenced: all that it still writes is refused.
local function claim(key)
  local holder = get('holder/' .. key)
  if not holder or holder ~= me and is_running(holder) then
    return 0
  end
  if holder ~= me then
    remove('session/' .. holder)
    set('holder/' .. key, me)
  end
  return 1
end

-- What a session can do that is not fenced. Each of them is a heartbeat.
local work = {}

function work.heartbeat() end

function work.planned(key, kind, planned)
  if not get('planned/' .. key) then
    local number = redis.call('HINCRBY', hash, 'next', 1)
    set('planned/' .. key, text(number) .. ' ' .. kind .. ' ' .. planned)
    set('holder/' .. key, me)
  end
end

function work.created(key, id)
  if get('planned/' .. key) and not get('result/' .. id) then
    local results = get('results/' .. key)
    set('results/' .. key, results and results .. '\n' .. id or id)
    set('result/' .. id, key)
  end
end

function work.not_created(key)
  close(key)
end

function work.deletion_accepted(kind, id)
  if kind_of(get('result/' .. id)) == kind then
    set('deleting/' .. id, 1)
  end
end

function work.gone(kind, id)
  local key = get('result/' .. id)
  if not key or kind_of(key) ~= kind then
    return
  end
  local left = {}
  for other in string.gmatch(get('results/' .. key), '[^\n]+') do
    if other ~= id then
      table.insert(left, other)
    end
  end
  if #left == 0 then
    close(key)
  else
    set('results/' .. key, table.concat(left, '\n'))
    remove('result/' .. id)
    remove('deleting/' .. id)
  end
end

work.claim = claim

if ARGV[5] == 'open' then
  set('session/' .. me, text(now + timeout))
elseif ARGV[5] == 'end' then
  remove('session/' .. me)
elseif ARGV[5] == 'forget' then
  -- A session that has not been heard of for long, and holds nothing.
  local ends = get('session/' .. ARGV[6])
  if ends and tonumber(ends) < now - DAY then
    remove('session/' .. ARGV[6])
  end
elseif ARGV[5] == 'entries' then
  return {'done', text(now), text(since), redis.call('HGETALL', hash)}
else
  if not get('session/' .. me) then
    return {'fenced'}
  end
  set('session/' .. me, text(now + timeout))
  local result = work[ARGV[5]](ARGV[6], ARGV[7], ARGV[8])
  return {'done', result or 0}
end
return {'done', 0}
