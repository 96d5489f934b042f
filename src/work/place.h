/* Areas as work needs them: who stands where. Table area is the register's, a room above: here
 * it is only read. For the room work and its pages. */
#ifndef WORK_PLACE_H
#define WORK_PLACE_H

#include "base/cx.h"

struct place {
    int64_t id, county, parent_id;
    int level;
    const char *path, *code, *name;
};
/* RC_NOTFOUND with a sentence. */
enum rc place_get(struct place *out, struct cx *cx, int64_t id) MUST_USE;
/* From the top to the area of that path itself. */
enum rc place_chain(struct place **out, size_t *count, struct cx *cx,
                    const char *path) MUST_USE;
/* The place of the level with that code at or above a path; the area itself when it lies above
 * that level or the level is "". */
enum rc place_at_level(struct place *out, struct cx *cx, const char *path,
                       const char *level_code) MUST_USE;
/* The area of a county (its tenant area). */
enum rc place_of_county(struct place *out, struct cx *cx, int64_t county) MUST_USE;
/* Numbers of areas at or under a path, at most `max`; *count = max + 1: there are more. */
enum rc place_below(int64_t *ids, size_t *count, size_t max, struct cx *cx,
                    const char *path) MUST_USE;
/* The end of the range of paths that begin with `path`. */
const char *place_path_end(struct cx *cx, const char *path);
/* Does an active user hold the permission by a grant on just this area? */
enum rc place_has_holder(bool *has, struct cx *cx, int64_t area_id,
                         const char *permission) MUST_USE;
/* The nearest area, from `chain[count - 1]` upwards to the tenant, where somebody holds the
 * permission; *index -1: nobody does. */
enum rc place_holder(int *index, struct cx *cx, const struct place *chain, size_t count,
                     const char *permission) MUST_USE;
/* The area stands at another path now: its tasks and flows follow. In a write closure. */
enum rc place_moved(struct cx *cx, int64_t county, int64_t area_id, const char *from_path,
                    const char *to_path) MUST_USE;
/* Tasks that the people of one area do for others are now the other area's to do. In a write
 * closure. */
enum rc place_held_merged(struct cx *cx, int64_t county, int64_t from_area,
                          int64_t to_area) MUST_USE;

#endif
