/* The demo's dice: xoshiro256**, seeded by splitmix64. Not for secrets.
 * Source: Blackman & Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021. */
#include "web/demo.h"

#include <assert.h>
#include <math.h>

void demo_dice_seed(struct demo_dice *d, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        seed += 0x9E3779B97F4A7C15U;
        uint64_t z = seed;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
        d->s[i] = z ^ (z >> 31);
    }
}

static uint64_t rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t demo_roll(struct demo_dice *d)
{
    uint64_t *s = d->s, out = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return out;
}

int demo_between(struct demo_dice *d, int low, int high)
{
    assert(low <= high);
    uint64_t span = (uint64_t)(high - low) + 1;
    return low + (int)((demo_roll(d) >> 32) * span >> 32);
}

bool demo_chance(struct demo_dice *d, int per_mille)
{
    return demo_between(d, 0, 999) < per_mille;
}

int demo_pick(struct demo_dice *d, const int *weights, int count)
{
    int sum = 0;
    for (int i = 0; i < count; i++)
        sum += weights[i];
    assert(sum > 0);
    int at = demo_between(d, 0, sum - 1);
    for (int i = 0; i < count - 1; i++) {
        if (at < weights[i])
            return i;
        at -= weights[i];
    }
    return count - 1;
}

double demo_amount(struct demo_dice *d, double median, double sigma)
{
    /* Twelve uniform numbers make a normal one that is good enough here, without log and cos.
     */
    double normal = -6;
    for (int i = 0; i < 12; i++)
        normal += (double)(demo_roll(d) >> 11) / 9007199254740992.0;
    return median * exp(normal * sigma);
}
