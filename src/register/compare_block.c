/* Whom of the register a row is compared with. Comparing everybody with everybody would be
 * endless: a pair is made of those who share one of five keys, each of which survives another
 * kind of mistake:
 *   name by sound + year of birth    (another character, another day)
 *   day of birth + surname by sound  (another given name, another village)
 *   village + surname by sound       (another birth, another given name)
 *   last four of the number + surname (masked numbers)
 *   name by sound + sex, for rows that say neither birth nor village
 * The list's keys are put into a table; the register's people stream past it once. */
#include "base/text.h"
#include "base/time.h"
#include "base/vault.h"
#include "register/compare.sql.h"
#include "register/compare_inner.h"

#include <math.h>
#include <string.h>

enum {
    KEYS_OF_ROW = 4,
    ENDS = 4,
    PAIRS_FIRST = 4096,
    SAMPLE = 1000000,
    SAMPLE_OF_PERSON = 64,
    WORK_BYTES = 1 << 20
};
enum key_kind {
    KEY_NAME_YEAR = 1,
    KEY_DAY_SURNAME,
    KEY_PLACE_SURNAME,
    KEY_ENDS,
    KEY_NAME_ONLY
};

struct entry {
    uint64_t key;
    uint32_t record, next; /* next entry of the bucket + 1 */
};
struct blocks {
    struct run *r;
    uint32_t *heads; /* entry + 1 by bucket */
    struct entry *entries;
    size_t entry_count, mask;
    uint32_t *met;      /* by record: the person that met it last, + 1 */
    uint32_t *pairs_of; /* by record */
    bool wants_ends;    /* some number is masked */
    uint32_t *open;     /* the records that are compared */
    struct cx work;     /* memory of one person */
    size_t county_len;
};
/* One of the register, while it streams past. */
struct own {
    uint32_t turn;
    int64_t person_id, household_id;
    struct str name, pinyin, surname, phone_key, area_path, wrapped, sealed;
    struct str identity; /* opened when first needed */
    bool opened;
    int32_t sex, birth_day;
};

static uint64_t key_of(enum key_kind kind, struct str text, int64_t number)
{
    char bytes[sizeof number + 1];
    bytes[0] = (char)kind;
    memcpy(bytes + 1, &number, sizeof number);
    uint64_t h = import_hash(text, (struct str){bytes, sizeof bytes});
    return h ? h : 1;
}

/* What both sides make their keys of. */
struct key_source {
    struct str pinyin, surname, village, ends;
    int32_t sex, birth_day;
    bool alone; /* neither birth nor village */
};

static size_t keys_of(uint64_t out[KEYS_OF_ROW + 1], const struct key_source *s, bool all)
{
    size_t n = 0;
    bool birth = s->birth_day != INT32_MIN;
    if (s->pinyin.len && birth)
        out[n++] = key_of(KEY_NAME_YEAR, s->pinyin, day_date(s->birth_day).year);
    if (s->surname.len && birth)
        out[n++] = key_of(KEY_DAY_SURNAME, s->surname, s->birth_day);
    if (s->surname.len && s->village.len)
        out[n++] = key_of(KEY_PLACE_SURNAME, s->surname,
                          (int64_t)import_hash(s->village, STR("place")));
    if (s->surname.len && s->ends.len)
        out[n++] = key_of(KEY_ENDS, s->surname, (int64_t)import_hash(s->ends, STR("ends")));
    if (s->pinyin.len && (all || s->alone))
        out[n++] = key_of(KEY_NAME_ONLY, s->pinyin, s->sex);
    return n;
}

static struct str ends_of(struct str number)
{
    if (number.len < ENDS || memchr(number.p + number.len - ENDS, '*', ENDS))
        return (struct str){"", 0};
    return (struct str){number.p + number.len - ENDS, ENDS};
}

/* The path cut at the village; "" when it does not reach so far. */
static struct str village_of(struct str path, size_t county_len)
{
    size_t len = county_len + 6;
    return path.len >= len ? (struct str){path.p, len} : (struct str){"", 0};
}

static void add_key(struct blocks *b, uint64_t key, uint32_t record)
{
    uint32_t *head = &b->heads[key & b->mask];
    b->entries[b->entry_count] = (struct entry){key, record, *head};
    *head = (uint32_t)++b->entry_count;
}

static bool is_open(const struct record *rec)
{
    return !rec->state && !rec->refusal && rec->name.len;
}

static void index_record(struct blocks *b, uint32_t i)
{
    const struct record *rec = &b->r->records[i];
    uint64_t keys[KEYS_OF_ROW + 1];
    struct key_source s = {.pinyin = rec->pinyin,
                           .surname = rec->surname,
                           .village = village_of(rec->place, b->county_len),
                           .ends = rec->masked ? ends_of(rec->identity) : (struct str){"", 0},
                           .sex = rec->sex,
                           .birth_day = rec->birth_day};
    s.alone = rec->birth_day == INT32_MIN && !s.village.len;
    b->wants_ends = b->wants_ends || s.ends.len;
    size_t n = keys_of(keys, &s, false);
    for (size_t k = 0; k < n; k++)
        add_key(b, keys[k], i);
    if (s.alone && !rec->sex) /* the sex is a part of that key */
        for (size_t k = 0; b->work.profile->sex_list && k < 2; k++)
            add_key(b,
                    key_of(KEY_NAME_ONLY, s.pinyin, b->work.profile->sex_list->codes[k].code),
                    i);
}

static enum rc make_table(struct blocks *b, struct cx *cx, size_t open)
{
    struct run *r = b->r;
    size_t room = 1024;
    while (room < open * KEYS_OF_ROW * 2)
        room *= 2;
    b->mask = room - 1;
    b->heads = arena_array(r->keep, room, sizeof *b->heads);
    b->entries = arena_array(r->keep, open * (KEYS_OF_ROW + 3) + 1, sizeof *b->entries);
    b->met = arena_array(r->keep, r->record_count + 1, sizeof *b->met);
    b->pairs_of = arena_array(r->keep, r->record_count + 1, sizeof *b->pairs_of);
    if (!b->heads || !b->entries || !b->met || !b->pairs_of)
        return fail(cx, RC_LIMIT, _("The list has too many rows; split it by township."),
                    "blocks");
    b->open = arena_array(r->keep, open + 1, sizeof *b->open);
    if (!b->open)
        return fail(cx, RC_LIMIT, _("The list has too many rows; split it by township."),
                    "blocks");
    for (uint32_t i = 0; i < r->record_count; i++)
        if (is_open(&r->records[i])) {
            b->open[r->open_count++] = i;
            index_record(b, i);
        }
    return RC_OK;
}

/* ---- the register's people ---- */

/* The number is opened for the comparison only and forgotten with the next person. */
static void open_identity(struct blocks *b, struct own *o)
{
    uint8_t key[KEY_BYTES];
    struct str plain;
    if (o->opened)
        return;
    o->opened = true;
    if (!o->wrapped.len || !o->sealed.len)
        return;
    if (!vault_unwrap(key, &b->work, b->work.vault, o->wrapped) &&
        !unseal(&plain, &b->work, key, o->sealed, secret_context(SECRET_IDENTITY)))
        o->identity = plain;
    err_clear(&b->work);
}

static struct match_levels compare_with(struct blocks *b, const struct record *rec,
                                        struct own *o)
{
    struct match_levels l;
    if (rec->identity.len)
        open_identity(b, o);
    l.of[MATCH_NAME] = (int8_t)match_name(rec->name, rec->pinyin, o->name, o->pinyin);
    l.of[MATCH_BIRTH] = (int8_t)match_birth(rec->birth_day, o->birth_day);
    l.of[MATCH_SEX] = (int8_t)match_sex(rec->sex, o->sex);
    l.of[MATCH_AREA] = (int8_t)match_place(rec->place, o->area_path, b->county_len);
    l.of[MATCH_IDENTITY] = (int8_t)match_identity(rec->identity, o->identity);
    struct str phone = {(const char *)rec->phone_key, rec->has_phone ? BIND_BYTES : 0};
    l.of[MATCH_PHONE] = (int8_t)match_phone(phone, o->phone_key);
    return l;
}

static enum rc keep_pair(struct cx *cx, struct run *r, const struct match_pair *p)
{
    if (r->pair_count == r->pair_room) {
        size_t room = r->pair_room ? 2 * r->pair_room : PAIRS_FIRST;
        struct match_pair *wider =
            room > COMPARE_PAIRS_MAX * 2 ? NULL : arena_array(r->keep, room, sizeof *wider);
        if (!wider)
            return fail(cx, RC_LIMIT,
                        _("Too many people of the register resemble the rows of this list. It "
                          "needs identity numbers, dates of birth or villages."),
                        "pairs");
        if (r->pair_count)
            memcpy(wider, r->pairs, r->pair_count * sizeof *wider);
        r->pairs = wider;
        r->pair_room = room;
    }
    r->pairs[r->pair_count++] = *p;
    return RC_OK;
}

static enum rc meet(struct cx *cx, struct blocks *b, uint32_t record, struct own *o)
{
    struct run *r = b->r;
    if (b->met[record] == o->turn)
        return RC_OK;
    b->met[record] = o->turn;
    if (b->pairs_of[record]++ >= COMPARE_PAIRS_OF_ROW) {
        r->dropped++;
        return RC_OK;
    }
    int pattern = match_pattern(compare_with(b, &r->records[record], o));
    r->counts[pattern]++;
    r->pairs_seen++;
    return keep_pair(cx, r,
                     &(struct match_pair){.record = record,
                                          .pattern = (uint16_t)pattern,
                                          .person_id = o->person_id,
                                          .household_id = o->household_id});
}

static enum rc look_up(struct cx *cx, struct blocks *b, struct own *o)
{
    uint64_t keys[KEYS_OF_ROW + 1];
    if (b->wants_ends)
        open_identity(b, o);
    struct key_source s = {.pinyin = o->pinyin,
                           .surname = o->surname,
                           .village = village_of(o->area_path, b->county_len),
                           .ends = b->wants_ends ? ends_of(o->identity) : (struct str){"", 0},
                           .sex = o->sex,
                           .birth_day = o->birth_day};
    size_t n = keys_of(keys, &s, true);
    for (size_t k = 0; k < n; k++)
        for (uint32_t e = b->heads[keys[k] & b->mask]; e; e = b->entries[e - 1].next)
            if (b->entries[e - 1].key == keys[k])
                TRY(meet(cx, b, b->entries[e - 1].record, o));
    return RC_OK;
}

static void sample_one(struct blocks *b, struct own *o, uint32_t record)
{
    struct run *r = b->r;
    if (b->met[record] == o->turn)
        return;
    struct match_levels l = compare_with(b, &r->records[record], o);
    r->outside.all++;
    for (int f = 0; f < MATCH_FIELDS; f++)
        if (l.of[f] != MATCH_MISSING)
            r->outside.level[f][l.of[f]]++;
}

/* How two people in general agree: a person beside some rows that nothing spoke for. About a
 * million pairs, since what matters most is rare: two people of one name. */
static void sample_pairs(struct blocks *b, struct own *o)
{
    struct run *r = b->r;
    uint64_t people = (uint64_t)r->people + 1, open = (uint64_t)r->open_count;
    uint64_t step = people / SAMPLE + 1, times = SAMPLE / people;
    if (o->turn % step)
        return;
    times = times < 1 ? 1 : times > SAMPLE_OF_PERSON ? SAMPLE_OF_PERSON : times;
    for (uint64_t i = 0; i < times; i++)
        sample_one(b, o, b->open[((o->turn / step) * times + i) * UINT64_C(2654435761) % open]);
}

/* From the sample to all pairs that were not looked at. A level that never came counts half a
 * pair: it may be rare, not impossible. */
static void scale_outside(struct run *r)
{
    double all = (double)r->people * (double)r->open_count - (double)r->pairs_seen;
    double factor = r->outside.all > 0 && all > 0 ? all / r->outside.all : 0;
    for (int f = 0; f < MATCH_FIELDS; f++) {
        double known = 0;
        for (int k = 0; k < MATCH_LEVELS; k++)
            known += r->outside.level[f][k];
        for (int k = 0; k < match_level_count((enum match_field)f); k++)
            r->outside.level[f][k] = known > 0 ? fmax(r->outside.level[f][k], 0.5) * factor : 0;
    }
    r->outside.all = all > 0 ? all : 0;
}

static enum rc count_people(struct cx *cx, struct run *r)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &COMPARE_PEOPLE_COUNT, V_I(r->l.county)));
    r->people = row_i64(&rows, COMPARE_PEOPLE_COUNT_COUNT);
    return db_done(&rows);
}

static struct own own_of_row(struct blocks *b, const struct db_rows *rows, uint32_t turn)
{
    struct cx *work = &b->work;
    struct own o = {.turn = turn,
                    .person_id = row_i64(rows, COMPARE_PEOPLE_ID),
                    .household_id = row_i64(rows, COMPARE_PEOPLE_HOUSEHOLD_ID),
                    .name = fold_name(work, row_str(rows, COMPARE_PEOPLE_NAME)),
                    .sex = (int32_t)row_i64(rows, COMPARE_PEOPLE_SEX),
                    .birth_day = (int32_t)row_i64(rows, COMPARE_PEOPLE_BIRTH_DAY),
                    .phone_key = row_str(rows, COMPARE_PEOPLE_PHONE_KEY),
                    .area_path = row_str(rows, COMPARE_PEOPLE_AREA_PATH),
                    .wrapped = row_str(rows, COMPARE_PEOPLE_WRAPPED),
                    .sealed = row_str(rows, COMPARE_PEOPLE_IDENTITY)};
    o.pinyin = o.name.len ? join_pinyin(work, o.name) : (struct str){"", 0};
    o.surname = o.name.len ? first_syllable(work, o.name) : (struct str){"", 0};
    return o;
}

static enum rc stream(struct cx *cx, struct blocks *b)
{
    struct db_rows rows;
    enum rc rc = RC_OK;
    uint32_t turn = 0;
    TRY(DB_SELECT(&rows, cx, &COMPARE_PEOPLE, V_I(b->r->l.county)));
    while (!rc && db_next(&rows)) {
        arena_reset(b->work.arena);
        struct own o = own_of_row(b, &rows, ++turn);
        rc = look_up(cx, b, &o);
        if (!rc)
            sample_pairs(b, &o);
    }
    enum rc closed = db_done(&rows);
    return rc ? rc : closed;
}

enum rc block_pairs(struct cx *cx, struct run *r)
{
    struct blocks b = {.r = r, .county_len = places_county_len(r->places)};
    size_t open = 0;
    for (size_t i = 0; i < r->record_count; i++)
        open += is_open(&r->records[i]);
    if (!open)
        return RC_OK;
    TRY(count_people(cx, r));
    b.work = *cx;
    b.work.arena = arena_open(WORK_BYTES);
    enum rc rc = make_table(&b, cx, open);
    if (!rc)
        rc = stream(cx, &b);
    arena_free(b.work.arena);
    scale_outside(r);
    return rc;
}
