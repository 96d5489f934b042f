/* Fault points: places where a test can make this process fail or die. Compiled in always, off
 * unless FUMIN_FAULT is set when the process starts (or fault_set is called): then one load.
 *     FUMIN_FAULT="store.fsync:3"              the 3rd hit of that point returns true
 *     FUMIN_FAULT="store.fsync:3+"             the 3rd and every later one
 *     FUMIN_FAULT="file.write:2:enospc"        as above, with errno = ENOSPC
 *     FUMIN_FAULT="db.commit:100:kill"         raise(SIGKILL) there
 * Several points are separated by commas (at most 8). Points are named room.place. */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>

extern bool fault_armed;

/* The slow half of fault_hit; call fault_hit. Thread-safe. */
bool fault_hit_armed(const char *name);

/* True when this point shall fail now; the caller then behaves as if the operation it guards
 * had failed (errno says how when the mode is enospc, else it is EIO). */
static inline bool fault_hit(const char *name)
{
    return __builtin_expect(fault_armed, 0) && fault_hit_armed(name);
}

/* Tests: replaces the points and starts counting again; NULL or "" switches all off. False when
 * the specification cannot be read (all off then). Not while other threads run. */
bool fault_set(const char *specification);

#endif
