/* A lock for one writer or many readers. Our own because a writer must be able to go on as a
 * reader without letting another writer in between, which pthread_rwlock cannot; waiting
 * writers go before new readers. */
#include "register/columns_inner.h"

#include <assert.h>

void gate_open(struct gate *g)
{
    *g = (struct gate){0};
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->moved, NULL);
}

void gate_close(struct gate *g)
{
    assert(g->readers == 0 && !g->writing);
    pthread_mutex_destroy(&g->lock);
    pthread_cond_destroy(&g->moved);
}

void gate_read(struct gate *g)
{
    pthread_mutex_lock(&g->lock);
    while (g->writing || g->writers_waiting > 0)
        pthread_cond_wait(&g->moved, &g->lock);
    g->readers++;
    pthread_mutex_unlock(&g->lock);
}

void gate_read_end(struct gate *g)
{
    pthread_mutex_lock(&g->lock);
    assert(g->readers > 0);
    if (--g->readers == 0)
        pthread_cond_broadcast(&g->moved);
    pthread_mutex_unlock(&g->lock);
}

void gate_write(struct gate *g)
{
    pthread_mutex_lock(&g->lock);
    g->writers_waiting++;
    while (g->writing || g->readers > 0)
        pthread_cond_wait(&g->moved, &g->lock);
    g->writers_waiting--;
    g->writing = true;
    pthread_mutex_unlock(&g->lock);
}

void gate_write_end(struct gate *g)
{
    pthread_mutex_lock(&g->lock);
    assert(g->writing);
    g->writing = false;
    pthread_cond_broadcast(&g->moved);
    pthread_mutex_unlock(&g->lock);
}

void gate_write_to_read(struct gate *g)
{
    pthread_mutex_lock(&g->lock);
    assert(g->writing);
    g->writing = false;
    g->readers++;
    pthread_cond_broadcast(&g->moved);
    pthread_mutex_unlock(&g->lock);
}
