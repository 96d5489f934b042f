-- How often clients of the public pages tried.

-- name: public_door_get(door text) -> one (tries i64, last_at i64, forget_at i64)
SELECT tries, last_at, forget_at FROM public_door WHERE door = $1

-- name: public_door_put(door text, tries i64, last_at i64, forget_at i64) -> run
INSERT INTO public_door (door, tries, last_at, forget_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (door) DO UPDATE SET tries = excluded.tries, last_at = excluded.last_at,
    forget_at = excluded.forget_at

-- name: public_door_back(door text) -> run
UPDATE public_door SET tries = tries - 1 WHERE door = $1 AND tries > 0

-- name: public_door_forget(now_at i64) -> run
DELETE FROM public_door WHERE forget_at < $1
