/* A hash map of names, spellings folded together, and the nearest name. Knows no profile. */
#include "profile/names.h"

#include <assert.h>
#include <string.h>

enum { NEAREST_BYTES = 64 };

/* FNV-1a. The maps are filled from the profile's own files, not from strangers' input. */
static uint32_t hash_of(struct str s)
{
    uint32_t h = 2166136261U;
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.p[i]) * 16777619U;
    return h ^ (h >> 15);
}

void names_init(struct names *n, struct arena *a, size_t count)
{
    size_t size = 8;
    while (size < count * 2)
        size *= 2;
    n->slots = arena_new(a, size * sizeof *n->slots);
    n->mask = size - 1;
}

static struct name_slot *slot_of(const struct names *n, struct str key, uint32_t hash)
{
    size_t at = hash & n->mask;
    while (n->slots[at].key.p) {
        if (n->slots[at].hash == hash && str_eq(n->slots[at].key, key))
            break;
        at = (at + 1) & n->mask;
    }
    return &n->slots[at];
}

int32_t names_put(struct names *n, struct str key, int32_t value)
{
    assert(value >= 0);
    uint32_t hash = hash_of(key);
    struct name_slot *slot = slot_of(n, key, hash);
    if (slot->key.p)
        return slot->value;
    *slot = (struct name_slot){.key = key.p ? key : STR(""), .hash = hash, .value = value};
    return -1;
}

int32_t names_get(const struct names *n, struct str key)
{
    if (!n->slots)
        return -1;
    const struct name_slot *slot = slot_of(n, key, hash_of(key));
    return slot->key.p ? slot->value : -1;
}

/* A character of three bytes beginning with E or F hexadecimal, as it counts in a spelling:
 * 0 for one that is left out, an ASCII character that stands for it, or -1 for itself. */
static int folded(unsigned char a, unsigned char b, unsigned char c)
{
    unsigned code = ((unsigned)(a & 0x0F) << 12) | ((unsigned)(b & 0x3F) << 6) | (c & 0x3F);
    if (code == 0x3000 || (code >= 0x2000 && code <= 0x200D) || code == 0xFEFF ||
        code == 0x202F || code == 0x2060)
        return 0;
    if (code == 0x3010 || code == 0x3014 || code == 0xFF3B || code == 0x3016)
        return '(';
    if (code == 0x3011 || code == 0x3015 || code == 0xFF3D || code == 0x3017)
        return ')';
    if (code < 0xFF01 || code > 0xFF5E)
        return -1;
    int ascii = (int)(code - 0xFF01 + '!');
    return ascii >= 'A' && ascii <= 'Z' ? ascii - 'A' + 'a' : ascii;
}

static int folded_ascii(unsigned char c)
{
    if (c <= ' ')
        return 0;
    if (c == '[')
        return '(';
    if (c == ']')
        return ')';
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

bool spelling_key(char out[SPELLING_BYTES], size_t *len, struct str s)
{
    size_t n = 0;
    *len = 0;
    for (size_t i = 0; i < s.len;) {
        unsigned char c = (unsigned char)s.p[i];
        size_t width = 1;
        int as = -1;
        if (c < 0x80) {
            as = folded_ascii(c);
        } else if (c == 0xC2 && i + 1 < s.len && (unsigned char)s.p[i + 1] == 0xA0) {
            width = 2;
            as = 0;
        } else if ((c & 0xF0) == 0xE0 && i + 2 < s.len) {
            width = 3;
            as = folded(c, (unsigned char)s.p[i + 1], (unsigned char)s.p[i + 2]);
        }
        if (n + width > SPELLING_BYTES)
            return false;
        if (as > 0)
            out[n++] = (char)as;
        else if (as < 0) {
            memcpy(out + n, s.p + i, width);
            n += width;
        }
        i += width;
    }
    *len = n;
    return true;
}

/* Levenshtein's distance in bytes; both texts at most NEAREST_BYTES long. */
static size_t distance(struct str a, struct str b)
{
    size_t row[NEAREST_BYTES + 1];
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t before = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t best = before + (a.p[i - 1] != b.p[j - 1]);
            before = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[b.len];
}

const char *spelling_nearest(struct str name, const char *const *known, size_t count)
{
    const char *best = NULL;
    size_t best_distance = name.len / 3 + 1;
    if (name.len > NEAREST_BYTES || name.len == 0)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        struct str k = str_of(known[i]);
        if (!known[i] || k.len > NEAREST_BYTES)
            continue;
        size_t d = distance(name, k);
        if (d <= best_distance && (!best || d < best_distance)) {
            best = known[i];
            best_distance = d;
        }
    }
    return best;
}
