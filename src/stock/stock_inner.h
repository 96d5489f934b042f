/* What the files of the stock share; no other room includes this. */
#ifndef STOCK_STOCK_INNER_H
#define STOCK_STOCK_INNER_H

#include "db/db.h"
#include "stock/lot.h"

/* As stock_move_add, of any kind and sign. */
enum rc stock_move_put(struct cx *cx, const struct stock_move *m) MUST_USE;

/* The deliveries of a lot that count, by id. */
enum rc lot_counting(struct delivery **out, size_t *count, struct cx *cx, int64_t county,
                     int64_t lot_id) MUST_USE;

#endif
