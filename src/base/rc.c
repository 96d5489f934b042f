/* Names of result codes. The texts for people are not here: they belong to each failure. */
#include "base/rc.h"

const char *rc_name(enum rc rc)
{
    switch (rc) {
    case RC_OK:
        return "ok";
    case RC_NOTFOUND:
        return "notfound";
    case RC_INVALID:
        return "invalid";
    case RC_DENIED:
        return "denied";
    case RC_CONFLICT:
        return "conflict";
    case RC_BUSY:
        return "busy";
    case RC_LIMIT:
        return "limit";
    case RC_IO:
        return "io";
    case RC_DB:
        return "db";
    }
    return "unknown";
}
