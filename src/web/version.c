/* The program's version: see version.h. */
#include "web/version.h"

const char fumin_version[] = "0.1.0";
