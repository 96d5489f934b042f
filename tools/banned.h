/* Included before every source file: functions that are easy to get wrong do not compile.
 * The idea is git's banned.h. System headers come first, so that their own uses pass. */
#ifndef TOOLS_BANNED_H
#define TOOLS_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#undef alloca /* a macro in glibc; a poisoned name must not be one */
#pragma GCC poison strcpy strcat strncpy sprintf vsprintf strtok gets atoi atof gmtime localtime
#pragma GCC poison ctime rand system popen alloca

#endif
