/* Inside of register/: what a search text means; made by search.c for list.c. */
#ifndef REGISTER_LIST_H
#define REGISTER_LIST_H

#include "register/inner.h"

enum search_kind {
    SEARCH_NONE,
    SEARCH_PEOPLE,  /* an identity number or phone: the households of those people */
    SEARCH_CODE,    /* the beginning of a household's code */
    SEARCH_VILLAGE, /* an area's name: the households under it */
    SEARCH_NAME,    /* people's names */
};
enum { SEARCH_PATHS_MAX = 50, SEARCH_IDS_MAX = 100 };
struct search {
    enum search_kind kind;
    struct str typed; /* folded, without blanks at the ends */
    struct str code;
    struct str query; /* SEARCH_NAME: in the database's notation; never NULL */
    struct str paths[SEARCH_PATHS_MAX];
    size_t path_count;
    struct str ids[SEARCH_IDS_MAX]; /* SEARCH_PEOPLE: as decimal numbers, of one county */
    size_t id_count;
    bool is_identity;
    bool may_be_code; /* SEARCH_PEOPLE that finds nobody is tried as a code */
};
/* What the text means. Looks up areas by name. */
enum rc search_read(struct search *out, struct cx *cx, struct str typed) MUST_USE;
/* Before each county: finds the people there. */
enum rc search_in_county(struct search *s, struct cx *cx, int64_t county) MUST_USE;
/* Are there so many finds that the list is walked instead? */
enum rc search_has_many(bool *many, struct cx *cx, const struct search *s,
                        int64_t county) MUST_USE;

#endif
