/* Pinyin and search words. ICU's Han-Latin rules give the readings; they are slow and not
 * thread-safe, so each character is asked for once per process, under a mutex, and remembered
 * in a table that is read without a lock. */
#include "base/utf8.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

enum {
    TABLE_FIRST = 0x3400, /* extension A and the unified ideographs */
    TABLE_LAST = 0x9FFF,
    SYLLABLES_MAX = 1500, /* Mandarin has about 420; ICU's data yield a few odd ones more */
    RUN_MAX = 16,         /* characters of a run that still get joined words and initials */
};

/* A syllable without tone, in ASCII; `has_umlaut`: its u is a ü (people type "lv" for 吕). */
struct syllable {
    char z[10];
    uint8_t len;
    bool has_umlaut;
};

/* A character's two readings: in common words, and as a surname (曾: ceng, zeng). */
enum reading { READING_COMMON, READING_NAME };

static const char *const rule_names[] = {"Han-Latin", "Han-Latin/Names"};

/* Index + 1 into `syllables`; 0 is not asked yet. A syllable is complete before its index is
 * stored (release) and never changes after it was loaded (acquire). Index 0 is "no reading". */
static _Atomic uint16_t table[2][TABLE_LAST - TABLE_FIRST + 1];
static struct syllable syllables[SYLLABLES_MAX];
static size_t syllable_count = 1;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static UTransliterator *han_rules[2]; /* these three under the mutex; live as long as we do */
static UTransliterator *ascii_rules;

static bool is_han(uint32_t c)
{
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || c == 0x3007 ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x323AF);
}

static UTransliterator *open_rules(const char *name)
{
    UChar id[32];
    UErrorCode status = U_ZERO_ERROR;
    u_uastrncpy(id, name, sizeof id / sizeof *id);
    UTransliterator *rules = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
    assert(U_SUCCESS(status)); /* part of ICU's own data */
    return rules;
}

/* Drops tones and everything that is no letter: "lǜ" gives "lu" with has_umlaut. */
static void strip_tones(struct syllable *out, const UChar *p, int32_t len)
{
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfd = unorm2_getNFDInstance(&status);
    UChar parts[64];
    int32_t count = unorm2_normalize(nfd, p, len, parts, 64, &status);
    *out = (struct syllable){.len = 0};
    for (int32_t i = 0; i < count && U_SUCCESS(status); i++) {
        UChar c = parts[i] >= 'A' && parts[i] <= 'Z' ? (UChar)(parts[i] | 0x20) : parts[i];
        if (c == 0x308)
            out->has_umlaut = true;
        else if (c >= 'a' && c <= 'z' && out->len + 1u < sizeof out->z)
            out->z[out->len++] = (char)c;
    }
}

/* Asks ICU; the mutex is held. No reading: an empty syllable. */
static void ask(struct syllable *out, uint32_t c, enum reading reading)
{
    UChar text[32];
    int32_t len = 0, limit;
    UErrorCode status = U_ZERO_ERROR;
    if (!han_rules[reading])
        han_rules[reading] = open_rules(rule_names[reading]);
    U16_APPEND_UNSAFE(text, len, c);
    limit = len;
    utrans_transUChars(han_rules[reading], text, &len, 32, 0, &limit, &status);
    if (U_SUCCESS(status) && limit > 0)
        strip_tones(out, text, limit);
}

/* Finds or adds the syllable; the mutex is held. Index 0 when there is no reading. */
static uint16_t intern(const struct syllable *s)
{
    size_t i = 0;
    for (; s->len && i < syllable_count; i++)
        if (memcmp(&syllables[i], s, sizeof *s) == 0)
            return (uint16_t)i;
    if (!s->len || syllable_count == SYLLABLES_MAX)
        return 0;
    syllables[syllable_count++] = *s;
    return (uint16_t)i;
}

static const struct syllable *ask_and_keep(uint32_t c, enum reading reading)
{
    struct syllable s;
    memset(&s, 0, sizeof s); /* padding too: intern compares bytes */
    pthread_mutex_lock(&mutex);
    ask(&s, c, reading);
    uint16_t index = intern(&s);
    if (c >= TABLE_FIRST && c <= TABLE_LAST)
        atomic_store_explicit(&table[reading][c - TABLE_FIRST], (uint16_t)(index + 1),
                              memory_order_release);
    pthread_mutex_unlock(&mutex);
    return &syllables[index];
}

/* Never NULL; empty when the character has no reading. */
static const struct syllable *syllable_of(uint32_t c, enum reading reading)
{
    if (c >= TABLE_FIRST && c <= TABLE_LAST) {
        uint16_t known =
            atomic_load_explicit(&table[reading][c - TABLE_FIRST], memory_order_acquire);
        if (known)
            return &syllables[known - 1];
    }
    return ask_and_keep(c, reading);
}

/* é to e, đ to d: the whole text, through ICU under the mutex. */
static struct str to_ascii(struct cx *cx, struct str s)
{
    UErrorCode status = U_ZERO_ERROR;
    size_t room = s.len * 4 + 16; /* ligatures and signs grow, by less than this */
    int32_t len = 0, limit, out_len = 0;
    assert(room < INT32_MAX / 4);
    UChar *text = arena_new(cx->arena, room * sizeof *text);
    char *out = arena_new(cx->arena, room * 3 + 1);
    u_strFromUTF8WithSub(text, (int32_t)room, &len, s.p, (int32_t)s.len, 0xFFFD, NULL, &status);
    limit = len;
    pthread_mutex_lock(&mutex);
    if (!ascii_rules)
        ascii_rules = open_rules("Latin-ASCII");
    utrans_transUChars(ascii_rules, text, &len, (int32_t)room, 0, &limit, &status);
    pthread_mutex_unlock(&mutex);
    u_strToUTF8(out, (int32_t)(room * 3 + 1), &out_len, text, len, &status);
    return U_SUCCESS(status) ? (struct str){out, (size_t)out_len} : s;
}

/* The dots between the parts of a transcribed name (阿依古丽·买买提). */
static bool is_name_dot(uint32_t c)
{
    return c == 0xB7 || c == 0x2022 || c == 0x2027 || c == 0x30FB;
}

static void put_blank(struct buf *b)
{
    if (b->len && b->p[b->len - 1] != ' ')
        buf_char(b, ' ');
}

/* A buffer of the right size at once: growing by doubling would leave the pieces in the arena.
 */
static void buf_sized(struct buf *b, struct cx *cx, size_t size)
{
    buf_init(b, cx->arena, SIZE_MAX / 8);
    b->p = arena_new(cx->arena, size);
    b->cap = size;
}

static struct str trimmed_view(struct buf *b)
{
    while (b->len && b->p[b->len - 1] == ' ')
        b->p[--b->len] = 0;
    return buf_view(b);
}

struct str utf8_pinyin(struct cx *cx, struct str s)
{
    struct str rest = utf8_fold(cx, s);
    struct buf b;
    bool ascii = true, after_han = false;
    enum reading reading = READING_NAME; /* the first character may be a surname */
    buf_sized(&b, cx, rest.len * 3 + 8);
    while (rest.len) {
        const char *from = rest.p;
        uint32_t c = utf8_next(&rest);
        const struct syllable *syllable = is_han(c) ? syllable_of(c, reading) : &syllables[0];
        if (syllable->len) {
            put_blank(&b);
            buf_put(&b, syllable->z, syllable->len);
            after_han = true;
        } else if (c == ' ' || is_name_dot(c)) {
            put_blank(&b);
            after_han = false;
        } else {
            if (after_han)
                put_blank(&b);
            after_han = false;
            buf_put(&b, from, (size_t)(rest.p - from));
            ascii = ascii && c < 0x80;
        }
        reading = READING_COMMON;
    }
    assert(buf_ok(&b));
    struct str out = trimmed_view(&b);
    return ascii ? out : to_ascii(cx, out);
}

/* ---- search words ---- */

/* The readings of a short run of ideographs, one choice of how to read it. */
struct run {
    struct syllable at[RUN_MAX];
    size_t count;
};

static void put_word(struct buf *b, const char *p, size_t len)
{
    put_blank(b);
    buf_put(b, p, len);
}

/* Joined syllables from..to-1 as one word. */
static void put_joined(struct buf *b, const struct run *r, size_t from, size_t to)
{
    put_blank(b);
    for (size_t i = from; i < to; i++)
        buf_put(b, r->at[i].z, r->at[i].len);
}

static bool same_syllable(const struct run *a, const struct run *b, size_t i)
{
    return a->at[i].len == b->at[i].len && memcmp(a->at[i].z, b->at[i].z, a->at[i].len) == 0;
}

/* The words of one way to read a run; with `base`, only those that differ from it. */
static void put_run(struct buf *b, const struct run *r, const struct run *base)
{
    bool any = false, initials = false;
    for (size_t i = 0; i < r->count; i++) {
        bool here = !base || !same_syllable(r, base, i);
        bool next = i + 1 < r->count && (here || !same_syllable(r, base, i + 1));
        any = any || here;
        initials = initials || !base || r->at[i].z[0] != base->at[i].z[0];
        if (here)
            put_joined(b, r, i, i + 1);
        if (next)
            put_joined(b, r, i, i + 2);
    }
    if (any && r->count > 2)
        put_joined(b, r, 0, r->count);
    if (initials && r->count > 1) {
        put_blank(b);
        for (size_t i = 0; i < r->count; i++)
            buf_put(b, r->at[i].z, r->at[i].len ? 1 : 0);
    }
}

static void put_short_run(struct buf *b, struct str run)
{
    struct run common = {.count = 0}, typed;
    bool umlaut = false;
    struct str rest = run;
    uint32_t first = utf8_next(&rest);
    for (rest = run; rest.len;) {
        common.at[common.count] = *syllable_of(utf8_next(&rest), READING_COMMON);
        umlaut = umlaut || common.at[common.count].has_umlaut;
        common.count++;
    }
    put_run(b, &common, NULL);
    typed = common;
    typed.at[0] = *syllable_of(first, READING_NAME);
    put_run(b, &typed, &common);
    if (!umlaut)
        return;
    typed = common;
    for (size_t i = 0; i < typed.count; i++) {
        char *u = typed.at[i].has_umlaut ? memchr(typed.at[i].z, 'u', typed.at[i].len) : NULL;
        if (u)
            *u = 'v';
    }
    put_run(b, &typed, &common);
}

/* Syllables and their pairs only: nobody types the initials of a whole paragraph. */
static void put_long_run(struct buf *b, struct str run)
{
    struct run pair = {.count = 0};
    while (run.len) {
        pair.at[pair.count++] = *syllable_of(utf8_next(&run), READING_COMMON);
        put_joined(b, &pair, pair.count - 1, pair.count);
        if (pair.count == 2) {
            put_joined(b, &pair, 0, 2);
            pair.at[0] = pair.at[1];
            pair.count = 1;
        }
    }
}

static void put_han_run(struct buf *b, struct str run, bool with_pinyin)
{
    struct str rest = run;
    const char *before = NULL;
    size_t count = 0;
    while (rest.len) {
        const char *from = rest.p;
        (void)utf8_next(&rest); /* only its length here */
        put_word(b, from, (size_t)(rest.p - from));
        if (before)
            put_word(b, before, (size_t)(rest.p - before));
        before = from;
        count++;
    }
    if (with_pinyin && count <= RUN_MAX)
        put_short_run(b, run);
    else if (with_pinyin)
        put_long_run(b, run);
}

enum kind { KIND_OTHER, KIND_WORD, KIND_HAN };

static enum kind kind_of(uint32_t c)
{
    if (is_han(c))
        return KIND_HAN;
    if (c < 0x80)
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                   ? KIND_WORD
                   : KIND_OTHER;
    uint32_t category = U_MASK(u_charType((UChar32)c));
    return category & (U_GC_L_MASK | U_GC_M_MASK | U_GC_ND_MASK) ? KIND_WORD : KIND_OTHER;
}

/* A word of another script; `with_pinyin` also adds it without accents. */
static void put_plain_word(struct buf *b, struct cx *cx, struct str word, bool with_pinyin)
{
    put_word(b, word.p, word.len);
    if (!with_pinyin || utf8_length(word) == word.len)
        return;
    struct str ascii = to_ascii(cx, word);
    if (!str_eq(ascii, word))
        put_word(b, ascii.p, ascii.len);
}

struct str utf8_search_words(struct cx *cx, struct str s, bool with_pinyin)
{
    struct str rest = utf8_fold(cx, s);
    struct buf b;
    buf_init(&b, cx->arena, SIZE_MAX / 8);
    while (rest.len) {
        struct str run = rest, ahead = rest;
        enum kind kind = kind_of(utf8_next(&ahead));
        do
            rest = ahead;
        while (rest.len && kind_of(utf8_next(&ahead)) == kind);
        run.len = (size_t)(rest.p - run.p);
        if (kind == KIND_HAN)
            put_han_run(&b, run, with_pinyin);
        else if (kind == KIND_WORD)
            put_plain_word(&b, cx, run, with_pinyin);
    }
    if (!buf_ok(&b)) /* over the arena's cap, as arena_new would */
        abort();
    return trimmed_view(&b);
}
