/* The log: one line of logfmt per event on standard error (level=info at=... event=... k=v).
 * Never personal data: callers give ids and codes only. Thread-safe. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level {
    LOG_LEVEL_ERROR = 0,
    LOG_LEVEL_WARN = 1,
    LOG_LEVEL_INFO = 2,
    LOG_LEVEL_DEBUG = 3
};
/* From FUMIN_LOG (error, warn, info, debug); default info. */
void log_init(void);
/* `event` is a short fixed name; the format gives "key=value key=value". */
void log_event(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
