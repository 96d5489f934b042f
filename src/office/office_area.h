/* What the room office keeps of areas, when they are merged. */
#ifndef OFFICE_OFFICE_AREA_H
#define OFFICE_OFFICE_AREA_H

#include "base/cx.h"

/* Resources, meetings and papers of an area are the other's. In a write closure. */
enum rc office_area_merged(struct cx *cx, int64_t county, int64_t from_area,
                           int64_t to_area) MUST_USE;

#endif
