-- Jobs and their clock. States: 0 waiting, 1 running, 2 done, 3 failed, 4 cancelled.
-- `wall_at` is the real clock (leases must not follow FUMIN_NOW), `at` the one people see.

-- name: job_insert(id i64, county i64, user_id i64, lang i64, kind text, argument text,
--   created_at i64, run_at i64) -> run
INSERT INTO job (id, county, user_id, lang, kind, argument, state, done, total, unit, message,
                 created_at, run_at, started_at, ended_at, tries, crashes, cancel_wanted,
                 from_at, from_done, server, lease_until, turn_ms)
VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, '', '', $7, $8, 0, 0, 0, 0, 0, 0, 0, '', 0, 0)

-- name: job_get_row(id i64)
-- -> one (id i64, county i64, user_id i64, lang i64, kind text, argument text, state i64,
--    done i64, total i64, unit text, message text, created_at i64, run_at i64, started_at i64,
--    ended_at i64, tries i64, cancel_wanted i64, from_at i64, from_done i64, crashes i64)
SELECT id, county, user_id, lang, kind, argument, state, done, total, unit, message, created_at,
       run_at, started_at, ended_at, tries, cancel_wanted, from_at, from_done, crashes
FROM job WHERE id = $1

-- Newest first.
-- name: job_of_county(county i64, max i64)
-- -> many (id i64, county i64, user_id i64, lang i64, kind text, argument text, state i64,
--    done i64, total i64, unit text, message text, created_at i64, run_at i64, started_at i64,
--    ended_at i64, tries i64, cancel_wanted i64, from_at i64, from_done i64, crashes i64)
SELECT id, county, user_id, lang, kind, argument, state, done, total, unit, message, created_at,
       run_at, started_at, ended_at, tries, cancel_wanted, from_at, from_done, crashes
FROM job WHERE county = $1 ORDER BY id DESC LIMIT $2

-- name: job_of_all(max i64)
-- -> many (id i64, county i64, user_id i64, lang i64, kind text, argument text, state i64,
--    done i64, total i64, unit text, message text, created_at i64, run_at i64, started_at i64,
--    ended_at i64, tries i64, cancel_wanted i64, from_at i64, from_done i64, crashes i64)
SELECT id, county, user_id, lang, kind, argument, state, done, total, unit, message, created_at,
       run_at, started_at, ended_at, tries, cancel_wanted, from_at, from_done, crashes
FROM job ORDER BY id DESC LIMIT $1

-- The county whose turn it is: fewest running jobs, then the one served longest ago.
-- name: job_county_next(wall_at i64) -> one (county i64)
SELECT d.county FROM (
    SELECT county FROM job
    WHERE state IN (0, 1)
      AND ((state = 0 AND run_at <= $1) OR (state = 1 AND lease_until < $1))
    GROUP BY county
) d
ORDER BY (SELECT count(*) FROM job r
          WHERE r.county = d.county AND r.state IN (0, 1) AND r.state = 1
            AND r.lease_until >= $1),
         (SELECT max(t.turn_ms) FROM job t WHERE t.county = d.county),
         d.county
LIMIT 1

-- name: job_due(county i64, wall_at i64) -> one (id i64)
SELECT id FROM job
WHERE county = $1 AND state IN (0, 1)
  AND ((state = 0 AND run_at <= $2) OR (state = 1 AND lease_until < $2))
ORDER BY run_at, id LIMIT 1

-- Takes the job unless somebody else was faster. A running job that still names its server was
-- left behind by a crash; one that was given back on purpose names none.
-- name: job_take(id i64, wall_at i64, server text, lease_until i64, turn_ms i64, at i64) -> run
UPDATE job SET state = 1, server = $3, lease_until = $4, turn_ms = $5,
    started_at = CASE WHEN started_at = 0 THEN $6 ELSE started_at END,
    from_at = $6, from_done = done,
    crashes = crashes + CASE WHEN state = 1 AND server <> '' THEN 1 ELSE 0 END
WHERE id = $1
  AND ((state = 0 AND run_at <= $2) OR (state = 1 AND lease_until < $2))

-- For a command that runs its job itself.
-- name: job_take_own(id i64, server text, lease_until i64, turn_ms i64, at i64) -> run
UPDATE job SET state = 1, server = $2, lease_until = $3, turn_ms = $4, started_at = $5,
    from_at = $5
WHERE id = $1 AND state = 0

-- name: job_beat(id i64, server text, lease_until i64) -> one (cancel_wanted i64)
UPDATE job SET lease_until = $3 WHERE id = $1 AND server = $2 AND state = 1
RETURNING cancel_wanted

-- Progress proves that the job is alive: earlier crashes no longer count.
-- name: job_note(id i64, server text, lease_until i64, done i64, total i64, unit text,
--   message text) -> one (cancel_wanted i64)
UPDATE job SET lease_until = $3, done = $4, total = $5, unit = $6, message = $7,
    crashes = CASE WHEN $4 > from_done THEN 0 ELSE crashes END
WHERE id = $1 AND server = $2 AND state = 1
RETURNING cancel_wanted

-- name: job_finish(id i64, server text, state i64, done i64, total i64, unit text,
--   message text, ended_at i64, tries i64, run_at i64) -> run
UPDATE job SET state = $3, done = $4, total = $5, unit = $6, message = $7, ended_at = $8,
    tries = $9, run_at = $10, server = '', lease_until = 0
WHERE id = $1 AND server = $2 AND state = 1

-- Gives a job back at a graceful stop: it stays running and is due at once.
-- name: job_give_back(id i64, server text, done i64, total i64, unit text) -> run
UPDATE job SET server = '', lease_until = 0, done = $3, total = $4, unit = $5
WHERE id = $1 AND server = $2 AND state = 1

-- name: job_mine(id i64, server text) -> one (id i64)
SELECT id FROM job WHERE id = $1 AND server = $2 AND state = 1

-- name: job_cancel_waiting(id i64, message text, ended_at i64) -> run
UPDATE job SET state = 4, message = $2, ended_at = $3, cancel_wanted = 1
WHERE id = $1 AND state = 0

-- name: job_cancel_running(id i64) -> run
UPDATE job SET cancel_wanted = 1 WHERE id = $1 AND state = 1

-- name: job_servers() -> many (server text)
SELECT DISTINCT server FROM job WHERE state IN (0, 1) AND state = 1 AND server <> ''

-- The lease of a server that is known to be dead ends now; the name stays (a crash counts).
-- name: job_server_dead(server text) -> run
UPDATE job SET lease_until = 0 WHERE state IN (0, 1) AND state = 1 AND server = $1

-- ---- the clock ----

-- name: job_every_put(kind text, argument text, seconds i64, next_at i64) -> run
INSERT INTO job_every (kind, argument, seconds, next_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (kind, argument) DO UPDATE SET
    next_at = CASE WHEN job_every.seconds = excluded.seconds THEN job_every.next_at
                   ELSE excluded.next_at END,
    seconds = excluded.seconds

-- name: job_every_delete(kind text, argument text) -> run
DELETE FROM job_every WHERE kind = $1 AND argument = $2

-- name: job_every_due(wall_at i64)
-- -> many (kind text, argument text, seconds i64, next_at i64)
SELECT kind, argument, seconds, next_at FROM job_every WHERE next_at <= $1

-- name: job_every_move(kind text, argument text, old_at i64, next_at i64) -> run
UPDATE job_every SET next_at = $4 WHERE kind = $1 AND argument = $2 AND next_at = $3

-- name: job_open_same(kind text, argument text) -> many (id i64)
SELECT id FROM job WHERE county = 0 AND state IN (0, 1) AND kind = $1 AND argument = $2

-- Jobs of the clock that went well are not kept for ever.
-- name: job_forget(ended_before i64) -> run
DELETE FROM job WHERE state = 2 AND user_id = 0 AND ended_at < $1
