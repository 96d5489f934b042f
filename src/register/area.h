/* Areas: own numbers that are never reused; official codes and names are dated attributes.
 * `path` places an area in the tree: 3 characters (base 32, in order of creation) per level
 * below the root, so that everything under an area has its path as a beginning. The top area
 * has path of one component; "" stands for everything. */
#ifndef REGISTER_AREA_H
#define REGISTER_AREA_H

#include "base/cx.h"

struct area {
    int64_t id, parent_id;
    int64_t county; /* tenant number of the tenant area it is or lies under; 0 above */
    int level;      /* number of the profile's level */
    const char *path;
    const char *code;                      /* official code in force; "" when none is known */
    const char *name;                      /* in force */
    int64_t household_count, person_count; /* active, everything under it; kept up to date */
    int32_t ended_day;                     /* 0 = exists */
    int64_t merged_into; /* 0; else the area it is or is being merged into (area_merge.h) */
};
/* Creates an area under a parent (0 = top). A tenant-level area gets the next tenant number. In
 * a write closure. */
enum rc area_add(int64_t *id, struct cx *cx, int64_t parent_id, int level, struct str code,
                 struct str name, int32_t from_day) MUST_USE;
enum rc area_get(struct area *out, struct cx *cx, int64_t id) MUST_USE;
/* By official code, or by name under a parent (exact after normalisation, without the level's
 * suffix such as 镇 too); RC_NOTFOUND, RC_CONFLICT when ambiguous. */
enum rc area_by_code(struct area *out, struct cx *cx, struct str code, int32_t day) MUST_USE;
enum rc area_by_name(struct area *out, struct cx *cx, int64_t parent_id,
                     struct str name) MUST_USE;
/* What a person types for an area in a command: its number, or the official code of today.
 * RC_NOTFOUND with a sentence. */
enum rc area_as_typed(struct area *out, struct cx *cx, const char *text) MUST_USE;
/* Direct children that exist, by code then name; 0 = the top ones. */
enum rc area_children(struct area **out, size_t *count, struct cx *cx,
                      int64_t parent_id) MUST_USE;
/* The chain from the top to the area itself. */
enum rc area_chain(struct area **out, size_t *count, struct cx *cx, int64_t id) MUST_USE;
/* A name or code that an area had from one day to another (to_day > from_day), for finding it
 * by the codes of old lists. In a write closure. */
enum rc area_former_add(struct cx *cx, int64_t id, struct str code, struct str name,
                        int32_t from_day, int32_t to_day) MUST_USE;
/* The names and codes an area has had, oldest first; to_day 0 = in force. */
struct area_name {
    int32_t from_day, to_day;
    const char *code, *name;
};
enum rc area_names(struct area_name **out, size_t *count, struct cx *cx, int64_t id) MUST_USE;
/* New name or code from a day on; the old one stays with its dates. In a write closure. */
enum rc area_rename(struct cx *cx, int64_t id, struct str code, struct str name,
                    int32_t from_day) MUST_USE;
/* "Tongde County › Bapa Township › Xinjian Village" of an area below the tenant. */
const char *area_label(struct cx *cx, int64_t id);
/* Loads China's divisions (div_*.csv of shared/data/china-divisions) or the same layout, up to
 * and with township level, for one province/prefecture/county code prefix ("" = all), with the
 * dated code history when `history_path` is given (areacodes_result.csv). */
/* Opens its own writes: not in a write closure. What is there already (by code in force) stays.
 */
enum rc area_import_divisions(int64_t *added, struct cx *cx, const char *folder,
                              struct str prefix, const char *history_path) MUST_USE;

#endif
