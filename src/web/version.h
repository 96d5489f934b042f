/* The program's version, in one place. */
#ifndef WEB_VERSION_H
#define WEB_VERSION_H

extern const char fumin_version[];

#endif
