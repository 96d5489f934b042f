/* What help keeps of areas, when areas move or are merged. */
#ifndef HELP_HELP_AREA_H
#define HELP_HELP_AREA_H

#include "register/area_merge.h"

/* An area_moved_hook: plans, needs, vacancies and loans follow. Two open plans of areas that
 * are merged stay two: that of the area which ended stays about it, in the hands of the people
 * of the other. */
enum rc help_area_moved(struct cx *cx, const struct area_moved *m) MUST_USE;

#endif
