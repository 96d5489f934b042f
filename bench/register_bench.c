/* Loads made-up people through the register's door, as an import does (one thread prepares, the
 * writer writes), then measures the pages:
 *     build/release/bench/register_bench [PEOPLE [DIR]]      200,000 people; a temporary folder
 * Prints rows per second of the first load, of the flip, of a second import in which one row in
 * ten changes, peak memory, bytes per person, and the latencies of list and household page. */
#include "base/crypto.h"
#include "base/embed.h"
#include "base/time.h"
#include "base/vault.h"
#include "db/db.h"
#include "people/actor.h"
#include "profile/sheet.h"
#include "register/apply.h"
#include "register/area.h"
#include "register/household.h"
#include "register/journal.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BATCH = 1024, SLOTS = 3, TOWNS = 12, VILLAGES = 160, SAMPLES = 2000 };

static void must(struct cx *cx, enum rc rc, const char *what)
{
    if (rc == RC_OK)
        return;
    fprintf(stderr, "%s: %s: %s (%s)\n", what, rc_name(rc), cx->err.text, cx->err.detail);
    exit(1);
}

static uint64_t random_state;
static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % n);
}

/* ---- the county ---- */

struct county {
    int64_t county, area_id, village[VILLAGES];
    int64_t import_id;
};

static enum rc make_county(struct cx *cx, void *arg)
{
    struct county *c = arg;
    int64_t top, middle;
    struct area a;
    TRY(sheet_install(cx));
    TRY(area_add(&top, cx, 0, 0, STR("99"), STR("测试省"), 0));
    TRY(area_add(&middle, cx, top, 1, STR("9901"), STR("测试市"), 0));
    TRY(area_add(&c->area_id, cx, middle, 2, STR("990101"), STR("测试县"), 0));
    TRY(area_get(&a, cx, c->area_id));
    c->county = a.county;
    return db_ids(&c->import_id, cx, 2);
}

static enum rc make_villages(struct cx *cx, void *arg)
{
    struct county *c = arg;
    int64_t town[TOWNS];
    for (int i = 0; i < TOWNS; i++)
        TRY(area_add(&town[i], cx, c->area_id, 3,
                     str_of(arena_printf(cx->arena, "990101%03d", i)),
                     str_of(arena_printf(cx->arena, "第%d镇", i)), 0));
    for (int i = 0; i < VILLAGES; i++)
        TRY(area_add(&c->village[i], cx, town[i * TOWNS / VILLAGES], 4,
                     str_of(arena_printf(cx->arena, "990101%03d%03d", i * TOWNS / VILLAGES, i)),
                     str_of(arena_printf(cx->arena, "第%d村", i)), 0));
    return RC_OK;
}

/* ---- records ---- */

struct maker {
    struct county *c;
    size_t households, people_total;
    bool second; /* the second import: one household in ten has a changed value */
};

static struct str made_name(struct cx *cx, uint64_t seed)
{
    static const char *const family[] = {"王", "李", "张", "刘", "陈", "杨", "黄",
                                         "赵", "吴", "周", "徐", "孙", "马", "朱",
                                         "胡", "郭", "何", "罗", "高", "林"};
    static const char *const given[] = {"小", "明", "红", "国", "华", "建", "军", "秀",
                                        "英", "丽", "强", "伟", "芳", "敏", "静", "磊",
                                        "洋", "勇", "艳", "杰", "娟", "涛", "超", "霞",
                                        "平", "刚", "桂", "兰", "玉", "梅"};
    random_state = seed * 77777 + 5;
    const char *a = family[random_below(20)], *b = given[random_below(30)];
    const char *c = random_below(4) ? given[random_below(30)] : "";
    return str_of(arena_printf(cx->arena, "%s%s%s", a, b, c));
}

static void fill_values(struct cx *cx, struct value *values, enum subject subject,
                        size_t wanted, uint64_t seed)
{
    const struct profile *p = cx->profile;
    random_state = seed;
    for (size_t i = 0, n = 0; i < p->of_count[subject] && n < wanted; i++) {
        const struct indicator *ind = p->of[subject][i];
        if (ind->type == TYPE_TEXT || !ind->core)
            continue;
        if (ind->type == TYPE_CODE)
            values[ind->index] =
                value_int(ind->list->codes[random_below((uint32_t)ind->list->code_count)].code);
        else
            values[ind->index] = value_int(random_below(ind->type == TYPE_BOOL ? 2 : 100));
        n++;
    }
}

/* Household number n, of 1 to 6 people (3.5 on average); 26 columns: 13 of the household, and
 * of each person name, identity, sex, birth, relation, code and 8 values; a phone per
 * household. */
static struct household_record *make_record(struct cx *cx, const struct maker *m, size_t n)
{
    struct household_record *r = arena_new(cx->arena, sizeof *r);
    random_state = n * 31 + 1;
    size_t people = 1 + random_below(6);
    r->area_id = m->c->village[n * VILLAGES / (m->households + 1)];
    r->code = str_of(arena_printf(cx->arena, "%010zu", n));
    r->row = (int64_t)n;
    r->year = 2026;
    r->values =
        arena_new(cx->arena, cx->profile->of_count[SUBJECT_HOUSEHOLD] * sizeof *r->values);
    fill_values(cx, r->values, SUBJECT_HOUSEHOLD, 10, n);
    if (m->second && n % 10 == 0) {
        struct value *v = &r->values[cx->profile->list_columns[0]->index];
        *v = value_int(v->i ? 0 : 1);
    }
    r->people = arena_new(cx->arena, people * sizeof *r->people);
    r->people_count = people;
    r->people_complete = true;
    for (size_t i = 0; i < people; i++) {
        struct person_record *p = &r->people[i];
        uint64_t seed = n * 8 + i;
        p->row = (int64_t)seed;
        p->code = str_of(arena_printf(cx->arena, "%010zu%02zu", n, i));
        p->name = made_name(cx, seed);
        p->identity =
            str_of(arena_printf(cx->arena, "990101%012llu", (unsigned long long)seed));
        if (i == 0)
            p->phone = str_of(arena_printf(cx->arena, "139%08zu", n));
        p->sex = 1 + (int32_t)(i & 1);
        p->relation = i == 0 ? cx->profile->relation_head_code : 3;
        p->birth_day = (int32_t)random_below(18000);
        p->values =
            arena_new(cx->arena, cx->profile->of_count[SUBJECT_PERSON] * sizeof *p->values);
        fill_values(cx, p->values, SUBJECT_PERSON, 8, seed);
    }
    return r;
}

/* An importer finds what it names. */
static enum rc identify(struct cx *cx, const struct county *c, struct household_record *r)
{
    struct household h;
    enum rc rc = household_by_code(&h, cx, c->county, r->code);
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        return RC_OK;
    }
    TRY(rc);
    r->household_id = h.id;
    for (size_t i = 0; i < r->people_count; i++) {
        int64_t household_id;
        TRY(register_find_person(&r->people[i].person_id, &household_id, cx, c->county,
                                 r->people[i].identity, r->people[i].code));
    }
    return RC_OK;
}

/* ---- one thread prepares, one writes ---- */

struct slot {
    struct arena *arena;
    struct prepared *list[BATCH];
    size_t count;
    bool full;
};
struct pipe {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct slot slots[SLOTS];
    size_t made, taken;
    bool done;
    struct cx *cx;
    const struct maker *m;
    struct source *s;
};

static void *prepare_all(void *arg)
{
    struct pipe *pipe = arg;
    struct cx cx;
    struct arena *own = arena_open(1 << 20);
    cx_init(&cx, own);
    cx.profile = pipe->cx->profile;
    cx.vault = pipe->cx->vault;
    cx.pool = pipe->cx->pool;
    must(&cx, db_attach(&cx), "attach");
    for (size_t n = 0; n < pipe->m->households;) {
        struct slot *slot = &pipe->slots[pipe->made % SLOTS];
        pthread_mutex_lock(&pipe->lock);
        while (slot->full)
            pthread_cond_wait(&pipe->changed, &pipe->lock);
        pthread_mutex_unlock(&pipe->lock);
        arena_reset(slot->arena);
        cx.arena = slot->arena;
        for (slot->count = 0; slot->count < BATCH && n < pipe->m->households; n++) {
            struct household_record *r = make_record(&cx, pipe->m, n);
            if (pipe->m->second)
                must(&cx, identify(&cx, pipe->m->c, r), "identify");
            must(&cx, register_prepare(&slot->list[slot->count++], &cx, pipe->s, r), "prepare");
        }
        pthread_mutex_lock(&pipe->lock);
        slot->full = true;
        pipe->made++;
        pipe->done = n == pipe->m->households;
        pthread_cond_broadcast(&pipe->changed);
        pthread_mutex_unlock(&pipe->lock);
    }
    db_detach(&cx);
    arena_free(own);
    return NULL;
}

struct chunk {
    struct pipe *pipe;
    struct slot *slot;
    size_t from, at; /* a piece may run twice: it begins at `from` */
};

static enum rc write_chunk(struct cx *cx, void *arg)
{
    struct chunk *c = arg;
    size_t at = c->from;
    struct change_counts counts = {0};
    do {
        size_t n = c->slot->count - at < 128 ? c->slot->count - at : 128;
        TRY(register_write(&counts, cx, c->pipe->s, c->slot->list + at, n));
        at += n;
    } while (at < c->slot->count && db_chunk_left_ms(cx) > 0);
    c->at = at;
    return RC_OK;
}

static void load(struct cx *cx, struct maker *m, int64_t import_id)
{
    struct source s = {
        .county = m->c->county, .document_id = 1, .import_id = import_id, .valid_day = 20000};
    struct pipe pipe = {.cx = cx,
                        .m = m,
                        .s = &s,
                        .lock = PTHREAD_MUTEX_INITIALIZER,
                        .changed = PTHREAD_COND_INITIALIZER};
    pthread_t thread;
    for (size_t i = 0; i < SLOTS; i++)
        pipe.slots[i].arena = arena_open(64 << 20);
    pthread_create(&thread, NULL, prepare_all, &pipe);
    for (;;) {
        struct slot *slot = &pipe.slots[pipe.taken % SLOTS];
        pthread_mutex_lock(&pipe.lock);
        while (!slot->full && !(pipe.done && pipe.taken == pipe.made))
            pthread_cond_wait(&pipe.changed, &pipe.lock);
        bool full = slot->full;
        pthread_mutex_unlock(&pipe.lock);
        if (!full)
            break;
        struct chunk c = {.pipe = &pipe, .slot = slot};
        while (c.from < slot->count) {
            must(cx, db_write_bulk(cx, m->c->county, write_chunk, &c), "write");
            c.from = c.at;
        }
        pthread_mutex_lock(&pipe.lock);
        slot->full = false;
        pipe.taken++;
        pthread_cond_broadcast(&pipe.changed);
        pthread_mutex_unlock(&pipe.lock);
    }
    pthread_join(thread, NULL);
    for (size_t i = 0; i < SLOTS; i++)
        arena_free(pipe.slots[i].arena);
}

struct flipping {
    int64_t county, import_id;
};
static enum rc flip_write(struct cx *cx, void *arg)
{
    const struct flipping *f = arg;
    return register_flip(cx, f->county, f->import_id);
}

/* ---- measuring ---- */

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void print_latency(const char *what, int64_t *us, size_t n)
{
    qsort(us, n, sizeof *us, by_number);
    printf("%-44s p50 %6.2f ms  p99 %6.2f ms\n", what, (double)us[n / 2] / 1000,
           (double)us[n * 99 / 100] / 1000);
}

struct page {
    const char *what;
    struct household_query q;
};

static void measure_pages(struct cx *cx, const struct county *c)
{
    struct page pages[] = {
        {"list, first page, by area", {.limit = 50}},
        {"list, by name", {.limit = 50, .sort = STR("name")}},
        {"list, last changed first", {.limit = 50, .sort = STR("changed"), .descending = true}},
        {"list, one village, by name",
         {.limit = 50, .sort = STR("name"), .area_id = c->village[77]}},
        {"list, filter on a column", {.limit = 50, .list_column = {STR("1")}}},
        {"list, search 王 (many)", {.limit = 50, .search = STR("王")}},
        {"list, search 王小明 (some)", {.limit = 50, .search = STR("王小明")}},
        {"list, search wangxm", {.limit = 50, .search = STR("wangxm")}},
        {"list, search identity number", {.limit = 50, .search = STR("990101000000000808")}},
        {"list, search code", {.limit = 50, .search = STR("0000000777")}},
    };
    static int64_t us[SAMPLES];
    struct arena *arena = arena_open(64 << 20), *own = cx->arena;
    struct household_row *rows;
    size_t count;
    const char *next;
    cx->arena = arena;
    for (size_t p = 0; p < sizeof pages / sizeof *pages; p++) {
        size_t samples = 0;
        for (int64_t begin = time_mono_ms(); samples < 300 && time_mono_ms() - begin < 2000;) {
            int64_t start = time_mono_us();
            must(cx, db_read_begin(cx), "read");
            must(cx, household_list(&rows, &count, &next, cx, &pages[p].q), "list");
            db_read_end(cx);
            us[samples++] = time_mono_us() - start;
            arena_reset(arena);
        }
        print_latency(pages[p].what, us, samples);
    }
    /* Household pages: the household, its people, sheets, incomes and history. */
    struct household_query q = {.limit = 200, .area_id = c->village[40]};
    static int64_t ids[200];
    must(cx, household_list(&rows, &count, &next, cx, &q), "list");
    size_t n = count;
    for (size_t i = 0; i < n; i++)
        ids[i] = rows[i].h.id;
    for (size_t i = 0; i < 1000 && n > 0; i++) {
        struct household h;
        struct person *people;
        struct income *incomes;
        struct journal_entry *entries;
        arena_reset(arena);
        struct value *v =
            arena_new(arena, cx->profile->of_count[SUBJECT_HOUSEHOLD] * sizeof *v);
        int64_t start = time_mono_us();
        must(cx, household_get(&h, cx, ids[i % n]), "get");
        must(cx, household_people(&people, &count, cx, h.county, h.id, true), "people");
        for (size_t k = 0; k < count; k++) {
            const char *masked;
            must(cx, person_masked(&masked, cx, h.county, people[k].id, SECRET_IDENTITY),
                 "mask");
        }
        must(cx, sheet_get(v, cx, SUBJECT_HOUSEHOLD, h.county, h.id, h.sheet_year), "sheet");
        must(cx, household_incomes(&incomes, &count, cx, h.county, h.id), "incomes");
        must(cx, journal_of_household(&entries, &count, cx, h.county, h.id, 0, 20), "journal");
        us[i] = time_mono_us() - start;
    }
    if (n > 0)
        print_latency("household page's reads", us, 1000);
    arena_free(arena);
    cx->arena = own;
}

static double seconds_since(int64_t start_us)
{
    return (double)(time_mono_us() - start_us) / 1e6;
}

static size_t count_people(const struct maker *m)
{
    size_t people = 0;
    for (size_t n = 0; n < m->households; n++) {
        random_state = n * 31 + 1;
        people += 1 + random_below(6);
    }
    return people;
}

int main(int argc, char **argv)
{
    int64_t wanted = 200000;
    if (argc > 1 && !str_to_i64(&wanted, str_of(argv[1])))
        return 2;
    char dir[] = "/tmp/register_bench_XXXXXX";
    const char *url = argc > 2 ? argv[2] : mkdtemp(dir);
    struct arena *arena = arena_open(256 << 20);
    struct cx cx;
    struct profile *profile;
    struct profile_faults faults = {0};
    struct county c = {0};
    const char *backup;
    crypto_init();
    cx_init(&cx, arena);
    cx.dir = url;
    must(&cx, profile_load_embedded(&profile, &faults, &cx, "cn"), "profile");
    cx.profile = profile;
    const char *key = arena_printf(arena, "%s/bench.key", argc > 2 ? "/tmp" : url);
    (void)unlink(key);
    must(&cx, vault_create(&cx, key), "key");
    must(&cx, vault_open(&cx.vault, &cx, key), "key");
    must(&cx, db_open(&cx.pool, &cx, &(struct db_options){.url = url}), "open");
    must(&cx, db_migrate(&backup, &cx), "migrate");
    must(&cx, db_attach(&cx), "attach");
    must(&cx, db_write(&cx, 0, make_county, &c), "county");
    must(&cx, db_write(&cx, c.county, make_villages, &c), "villages");

    struct maker m = {.c = &c, .households = (size_t)wanted * 2 / 7};
    m.people_total = count_people(&m);
    int64_t start = time_mono_us();
    load(&cx, &m, c.import_id);
    double first = seconds_since(start);
    start = time_mono_us();
    must(&cx, register_index(&cx, c.county, c.import_id), "index");
    double sorting = seconds_since(start);
    start = time_mono_us();
    must(&cx, db_write(&cx, c.county, flip_write, &(struct flipping){c.county, c.import_id}),
         "flip");
    double flip = seconds_since(start);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    struct stat st = {0};
    (void)stat(arena_printf(arena, "%s/fumin.db", url), &st);
    printf("first load   %zu people in %zu households: %.1f s, index %.1f s, flip %.2f s: %.0f "
           "rows/s\n",
           m.people_total, m.households, first, sorting, flip,
           (double)m.people_total / (first + sorting + flip));
    printf("peak memory  %ld MB; %.0f bytes per person\n", usage.ru_maxrss / 1024,
           (double)st.st_size / (double)m.people_total);
    measure_pages(&cx, &c);
    m.second = true;
    start = time_mono_us();
    load(&cx, &m, c.import_id + 1);
    double second = seconds_since(start);
    start = time_mono_us();
    must(&cx,
         db_write(&cx, c.county, flip_write, &(struct flipping){c.county, c.import_id + 1}),
         "flip");
    flip = seconds_since(start);
    printf("later import, every tenth household changed: %.1f s and flip %.2f s, %.0f rows/s\n",
           second, flip, (double)m.people_total / (second + flip));
    getrusage(RUSAGE_SELF, &usage);
    printf("peak memory  %ld MB\n", usage.ru_maxrss / 1024);
    db_detach(&cx);
    db_close(cx.pool);
    vault_close(cx.vault);
    profile_free(profile);
    arena_free(arena);
    return 0;
}
