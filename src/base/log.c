/* logfmt on standard error: one write per line, so that lines of threads do not mix. */
#include "base/log.h"

#include "base/str.h"
#include "base/time.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static _Atomic int level_max = LOG_LEVEL_INFO;
static const char *const level_names[] = {"error", "warn", "info", "debug"};

void log_init(void)
{
    struct str wanted = str_of(getenv("FUMIN_LOG"));
    for (int i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++)
        if (str_eq_z(wanted, level_names[i]))
            atomic_store(&level_max, i);
}

static size_t clipped(int wanted, size_t room)
{
    if (wanted < 0)
        return 0;
    return (size_t)wanted < room ? (size_t)wanted : room - 1;
}

void log_event(enum log_level level, const char *event, const char *format, ...)
{
    if ((int)level > atomic_load_explicit(&level_max, memory_order_relaxed))
        return;
    int saved = errno;
    char line[1024];
    int64_t at = time_now();
    struct date d = day_date(day_at(at, 0));
    int s = (int)(((at % 86400) + 86400) % 86400);
    size_t room = sizeof line - 1; /* one byte stays for the line's end */
    size_t len =
        clipped(snprintf(line, room, "level=%s at=%04d-%02d-%02dT%02d:%02d:%02dZ event=%s",
                         level_names[level], d.year, d.month, d.day, s / 3600, s / 60 % 60,
                         s % 60, event),
                room);
    if (format && *format && len + 1 < room) {
        line[len++] = ' ';
        va_list ap;
        va_start(ap, format);
        len += clipped(vsnprintf(line + len, room - len, format, ap), room - len);
        va_end(ap);
    }
    /* A value must not forge a second line. */
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)line[i] < 0x20)
            line[i] = ' ';
    line[len++] = '\n';
    for (size_t done = 0; done < len;) {
        ssize_t n = write(STDERR_FILENO, line + done, len - done);
        if (n <= 0 && errno != EINTR)
            break; /* nowhere left to say it */
        done += n > 0 ? (size_t)n : 0;
    }
    errno = saved;
}
