/* Finding people by identity number, and the blind indexes of an import's people, put in before
 * its flip: read in the order of ids, sorted by hash, written in short pieces. Sorted, a page
 * of the table takes many at once. */
#include "base/text.h"
#include "register/apply.sql.h"
#include "register/household.sql.h"
#include "register/inner.h"

#include <string.h>

enum { PEOPLE_AT_ONCE = 100000 };

struct bind_entry {
    uint8_t hash[BIND_BYTES];
    int64_t person_id;
};
struct binding {
    int64_t county, import_id, bound_id;
    struct bind_entry *entries; /* in the arena */
    size_t count;
    size_t from, at; /* of the piece: where it begins, where it came to (it may run twice) */
};

static int by_hash(const void *a, const void *b)
{
    return memcmp(a, b, BIND_BYTES);
}

static void take(struct binding *b, struct str hash, int64_t person_id)
{
    if (hash.len != BIND_BYTES)
        return;
    memcpy(b->entries[b->count].hash, hash.p, BIND_BYTES);
    b->entries[b->count++].person_id = person_id;
}

/* The next people, in the order of their hashes; *people = how many were read. */
static enum rc read_people(struct binding *b, int64_t *people, struct cx *cx)
{
    struct db_rows rows;
    b->count = b->from = 0;
    *people = 0;
    TRY(DB_SELECT(&rows, cx, &PERSON_BIND_NEXT, V_I(b->county), V_I(b->import_id),
                  V_I(b->bound_id), V_I(PEOPLE_AT_ONCE)));
    while (db_next(&rows)) {
        int64_t id = row_i64(&rows, PERSON_BIND_NEXT_ID);
        take(b, row_str(&rows, PERSON_BIND_NEXT_IDENTITY_KEY), id);
        take(b, row_str(&rows, PERSON_BIND_NEXT_PHONE_KEY), id);
        b->bound_id = id;
        ++*people;
    }
    TRY(db_done(&rows));
    qsort(b->entries, b->count, sizeof *b->entries, by_hash);
    return RC_OK;
}

/* As many as the time allows; the last piece says how far the import is. */
static enum rc write_piece(struct cx *cx, void *arg)
{
    struct binding *b = arg;
    size_t at = b->from;
    for (size_t n = 0; at < b->count && (n < 64 || db_chunk_left_ms(cx) > 0); n++, at++)
        TRY(DB_RUN(cx, &PERSON_BIND_ADD, V_I(b->county), V_B(b->entries[at].hash, BIND_BYTES),
                   V_I(b->entries[at].person_id)));
    if (at == b->count)
        TRY(DB_RUN(cx, &IMPORT_BOUND, V_I(b->county), V_I(b->import_id), V_I(b->bound_id)));
    b->at = at;
    return RC_OK;
}

enum rc register_index(struct cx *cx, int64_t county, int64_t import_id)
{
    struct trace t;
    int64_t people = PEOPLE_AT_ONCE;
    TRY(trace_get(&t, cx, county, import_id));
    if (!t.exists || t.state != TRACE_HIDDEN)
        return RC_OK;
    struct arena_mark mark = arena_mark(cx->arena);
    struct binding b = {.county = county, .import_id = import_id, .bound_id = t.bound_id};
    b.entries = arena_array(cx->arena, 2 * (size_t)PEOPLE_AT_ONCE, sizeof *b.entries);
    if (!b.entries)
        return RC_OK; /* no room to sort: the flip does it */
    while (people == PEOPLE_AT_ONCE) {
        TRY(read_people(&b, &people, cx));
        while (b.from < b.count) {
            TRY(db_write_bulk(cx, county, write_piece, &b));
            b.from = b.at;
        }
    }
    arena_back(cx->arena, mark);
    return RC_OK;
}

enum rc register_find_person(int64_t *person_id, int64_t *household_id, struct cx *cx,
                             int64_t county, struct str identity, struct str code)
{
    struct db_rows rows;
    int64_t id = 0, household = 0;
    if (identity.len > 0) {
        struct bind_keys keys;
        uint8_t bind[BIND_BYTES];
        bind_keys_get(&keys, cx->vault);
        secret_bind(bind, cx, &keys, SECRET_IDENTITY, identity);
        TRY(DB_SELECT(&rows, cx, &PERSON_BY_BIND, V_I(county), V_B(bind, BIND_BYTES)));
        if (db_next(&rows)) {
            id = row_i64(&rows, PERSON_BY_BIND_ID);
            household = row_i64(&rows, PERSON_BY_BIND_HOUSEHOLD_ID);
        }
        TRY(db_done(&rows));
    }
    if (id == 0 && code.len > 0) {
        TRY(DB_SELECT(&rows, cx, &PERSON_BY_CODE, V_I(county), V_S(code)));
        if (db_next(&rows)) {
            id = row_i64(&rows, PERSON_BY_CODE_ID);
            household = row_i64(&rows, PERSON_BY_CODE_HOUSEHOLD_ID);
        }
        TRY(db_done(&rows));
    }
    *person_id = id;
    *household_id = household;
    return RC_OK;
}
