/* Counts hits of named fault points and fails the chosen one. Used by tests only. */
#include "base/fault.h"

#include "base/str.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { POINTS_MAX = 8, NAME_MAX_BYTES = 48 };
enum mode { MODE_FAIL, MODE_KILL, MODE_ENOSPC };

struct point {
    char name[NAME_MAX_BYTES];
    int64_t at;
    bool onwards;
    enum mode mode;
    _Atomic int64_t hits;
};

bool fault_armed;
static struct point points[POINTS_MAX];
static size_t point_count;

static bool parse_mode(enum mode *out, struct str s)
{
    if (str_eq_z(s, "kill"))
        *out = MODE_KILL;
    else if (str_eq_z(s, "enospc"))
        *out = MODE_ENOSPC;
    else
        return false;
    return true;
}

static bool parse_point(struct point *p, struct str s)
{
    struct str name = str_cut(&s, ':');
    if (name.len == 0 || name.len >= sizeof p->name || !s.p)
        return false;
    struct str at = str_cut(&s, ':');
    memset(p->name, 0, sizeof p->name);
    memcpy(p->name, name.p, name.len);
    p->onwards = str_ends(at, STR("+"));
    at.len -= p->onwards;
    p->mode = MODE_FAIL;
    atomic_store(&p->hits, 0);
    return str_to_i64(&p->at, at) && p->at > 0 && (!s.p || parse_mode(&p->mode, s));
}

bool fault_set(const char *specification)
{
    struct str rest = str_of(specification);
    fault_armed = false;
    point_count = 0;
    if (rest.len == 0)
        return true;
    while (rest.p) {
        if (point_count == POINTS_MAX ||
            !parse_point(&points[point_count], str_cut(&rest, ','))) {
            point_count = 0;
            return false;
        }
        point_count++;
    }
    fault_armed = true;
    return true;
}

bool fault_hit_armed(const char *name)
{
    for (size_t i = 0; i < point_count; i++) {
        struct point *p = &points[i];
        if (strcmp(p->name, name) != 0)
            continue;
        int64_t hit = atomic_fetch_add(&p->hits, 1) + 1;
        if (hit != p->at && !(p->onwards && hit > p->at))
            continue;
        if (p->mode == MODE_KILL)
            raise(SIGKILL);
        errno = p->mode == MODE_ENOSPC ? ENOSPC : EIO;
        return true;
    }
    return false;
}

/* Before main, so that no command can forget it. */
__attribute__((constructor)) static void fault_from_environment(void)
{
    const char *specification = getenv("FUMIN_FAULT");
    if (specification && !fault_set(specification)) {
        fputs("FUMIN_FAULT: expected NAME:N[+][:kill|:enospc][,...]\n", stderr);
        _exit(2);
    }
}
