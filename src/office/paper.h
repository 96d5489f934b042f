/* Policy papers as dated objects: number, title, area, days in force, the text as received, and
 * what they set. Tables `paper`, `paper_link`. Permission paper.edit in the paper's area; seen
 * with household.view in its county. */
#ifndef OFFICE_PAPER_H
#define OFFICE_PAPER_H

#include "people/org.h"

enum { PAPER_LINKS_MAX = 40, PAPER_LIST_MAX = 500 };

struct paper {
    int64_t county, id, area_id, document_id, replaces_id; /* document: the text as received */
    const char *area_path;                                 /* filled on reading */
    const char *number, *title, *summary;
    int32_t from_day, to_day; /* to_day 0: open; the last day */
    int32_t version;
};
/* What a paper sets, by code: check (number), threshold, measure, workflow, option of the
 * profile, or own_rule (the id of a rule of the county's own). */
struct paper_link {
    const char *kind, *code, *note;
};
/* id 0: a new one. What it replaces ends the day before it begins (unless it ended earlier).
 * RC_INVALID names the field or the link; RC_CONFLICT: number taken, or changed since. */
enum rc paper_save(int64_t *id, struct cx *cx, const struct paper *p,
                   const struct paper_link *links, size_t count) MUST_USE;
/* In force on a day (0: all), newest first. */
enum rc paper_list(struct paper **out, size_t *count, struct cx *cx, int64_t county,
                   int32_t in_force_on, struct str search) MUST_USE;
/* links may be NULL. */
enum rc paper_get(struct paper *out, struct paper_link **links, size_t *count, struct cx *cx,
                  int64_t id) MUST_USE;
/* The papers in force today that set a thing: for "why?" on its page. */
enum rc papers_of(struct paper **out, size_t *count, struct cx *cx, int64_t county,
                  const char *kind, struct str code) MUST_USE;
/* The paper that replaced it; 0 none. */
enum rc paper_replaced_by(int64_t *id, struct cx *cx, int64_t county,
                          int64_t paper_id) MUST_USE;
/* Does the profile know this? (own_rule: a number.) */
bool paper_link_known(const struct cx *cx, const struct paper_link *l);
/* "Measures: M101 …" in the context's language; and the page where it stands ("" none). */
const char *paper_link_label(struct cx *cx, const struct paper_link *l);
const char *paper_link_href(struct cx *cx, const struct paper_link *l);
extern const char *const paper_link_kinds[]; /* NULL-terminated */
const char *paper_kind_label(struct cx *cx, const char *kind);

#endif
