-- Notices and their settings. A person's notices are theirs in all counties: user_id leads.

-- name: notice_insert(user_id i64, id i64, county i64, at i64, weight i64, key text,
--   text_en text, text_zh text, href text, wait_at i64) -> run
INSERT INTO notice (user_id, id, county, at, read_at, weight, key, text_en, text_zh, href,
                    wait_at)
VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8, $9, $10)
ON CONFLICT (user_id, key) DO NOTHING

-- name: notice_of_user(user_id i64, before_id i64, max i64)
-- -> many (id i64, county i64, at i64, read_at i64, weight i64, key text, text_en text,
--    text_zh text, href text)
SELECT id, county, at, read_at, weight, key, text_en, text_zh, href FROM notice
WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3

-- name: notice_new_of_user(user_id i64, before_id i64, max i64)
-- -> many (id i64, county i64, at i64, read_at i64, weight i64, key text, text_en text,
--    text_zh text, href text)
SELECT id, county, at, read_at, weight, key, text_en, text_zh, href FROM notice
WHERE user_id = $1 AND read_at = 0 AND id < $2 ORDER BY id DESC LIMIT $3

-- name: notice_new_count(user_id i64, max i64) -> one (count i64)
SELECT count(*) FROM (
    SELECT 1 AS n FROM notice WHERE user_id = $1 AND read_at = 0 LIMIT $2) few

-- name: notice_exists(user_id i64, id i64) -> one (id i64)
SELECT id FROM notice WHERE user_id = $1 AND id = $2

-- name: notice_read_one(user_id i64, id i64, at i64) -> run
UPDATE notice SET read_at = $3 WHERE user_id = $1 AND id = $2 AND read_at = 0

-- name: notice_read_some(user_id i64, at i64, max i64) -> run
UPDATE notice SET read_at = $2
WHERE user_id = $1 AND id IN (
    SELECT n.id FROM notice n WHERE n.user_id = $1 AND n.read_at = 0 AND n.at <= $2
    ORDER BY n.id LIMIT $3)

-- name: notice_newest(user_id i64) -> one (id i64)
SELECT id FROM notice WHERE user_id = $1 ORDER BY id DESC LIMIT 1

-- name: notice_new_since(user_id i64, after_id i64, max i64)
-- -> many (text_en text, text_zh text)
SELECT text_en, text_zh FROM notice
WHERE user_id = $1 AND read_at = 0 AND id > $2 ORDER BY id DESC LIMIT $3

-- name: notice_waiting(now i64, max i64)
-- -> many (user_id i64, id i64, county i64, read_at i64, weight i64, text_en text, text_zh text,
--    href text, wait_at i64)
SELECT user_id, id, county, read_at, weight, text_en, text_zh, href, wait_at FROM notice
WHERE wait_at > 0 AND wait_at <= $1 ORDER BY wait_at LIMIT $2

-- name: notice_wait_move(user_id i64, id i64, seen_at i64, wait_at i64) -> run
UPDATE notice SET wait_at = $4 WHERE user_id = $1 AND id = $2 AND wait_at = $3

-- ---- settings ----

-- name: notice_setting_get(county i64)
-- -> one (mail_url text, mail_from text, mail_user text, mail_password text, sms_url text,
--    sms_token text, page_url text)
SELECT mail_url, mail_from, mail_user, mail_password, sms_url, sms_token, page_url
FROM notice_setting WHERE county = $1

-- name: notice_setting_put(county i64, mail_url text, mail_from text, mail_user text,
--   mail_password text, sms_url text, sms_token text, page_url text, at i64, user_id i64) -> run
INSERT INTO notice_setting (county, mail_url, mail_from, mail_user, mail_password, sms_url,
                            sms_token, page_url, at, user_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (county) DO UPDATE SET
    mail_url = excluded.mail_url, mail_from = excluded.mail_from,
    mail_user = excluded.mail_user, mail_password = excluded.mail_password,
    sms_url = excluded.sms_url, sms_token = excluded.sms_token, page_url = excluded.page_url,
    at = excluded.at, user_id = excluded.user_id

-- name: notice_county_area(level i64, county i64) -> one (path text, name text)
SELECT path, name FROM area WHERE level = $1 AND county = $2

-- name: notice_counties(level i64, max i64) -> many (county i64, name text, path text)
SELECT county, name, path FROM area WHERE level = $1 AND ended_day = 0 ORDER BY path LIMIT $2

-- ---- daily summaries ----

-- Active users whose summary of the day is not made yet.
-- name: notice_summary_users(day i64, after_id i64, max i64) -> many (id i64, last_id i64?)
SELECT u.id, s.last_id FROM app_user u LEFT JOIN notice_summary s ON s.user_id = u.id
WHERE u.state = 1 AND u.id > $2 AND (s.day IS NULL OR s.day < $1) ORDER BY u.id LIMIT $3

-- Changes a row only if no other server made it before.
-- name: notice_summary_take(user_id i64, day i64, last_id i64) -> run
INSERT INTO notice_summary (user_id, day, last_id) VALUES ($1, $2, $3)
ON CONFLICT (user_id) DO UPDATE SET day = excluded.day, last_id = excluded.last_id
WHERE notice_summary.day < excluded.day
