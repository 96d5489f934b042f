#!/usr/bin/env python3
"""The independent calculation behind the numbers in compare_match_test.c: the same small table of
patterns, EM for a two-class latent model written straight from Winkler 1988 (no code shared), first
plain, then with 50 pseudo-pairs for each prior. Prints weights of single levels by hand as well.
Run: python3 src/register/compare_em.py"""
from math import log2

# (name, birth, sex) levels, None = not said; count. Other fields are never said.
TABLE = [((3, 3, 1), 80), ((3, 1, 1), 12), ((2, 3, 1), 9), ((1, 3, 1), 7), ((3, 0, 0), 15),
         ((3, None, 1), 10), ((0, 3, 1), 6), ((0, 0, 0), 40), ((0, 1, 1), 60), ((1, 0, 1), 25),
         ((2, 0, 0), 30), ((0, 0, 1), 45), ((2, None, 0), 11)]
M0 = [[.01, .06, .05, .88], [.02, .05, .03, .90], [.01, .99]]
U0 = [[.60, .20, .10, .10], [.70, .26, .01, .03], [.50, .50]]


# Pairs that were not looked at, by level: all of them two people.
OUTSIDE = [[18000, 900, 300, 800], [16000, 3600, 150, 250], [10000, 10000]]


def em(strength, rounds, outside=None):
    m, u, share = [list(x) for x in M0], [list(x) for x in U0], 0.1
    begun = share
    for n in range(rounds):
        post = []
        for levels, count in TABLE:
            a, b = share, 1 - share
            for f, k in enumerate(levels):
                if k is not None:
                    a *= m[f][k]
                    b *= u[f][k]
            post.append(a / (a + b))
        old = [x for f in m + u for x in f] + [share]
        for f in range(3):
            for k in range(len(m[f])):
                for par, prior, w in ((m, M0, 1), (u, U0, 0)):
                    num = strength * prior[f][k]
                    den = strength
                    if outside and not w:
                        num += outside[f][k]
                        den += sum(outside[f])
                    for (levels, count), p in zip(TABLE, post):
                        q = p if w else 1 - p
                        if levels[f] is None:
                            continue
                        den += count * q
                        if levels[f] == k:
                            num += count * q
                    par[f][k] = num / den
        total = sum(c for _, c in TABLE) + (sum(outside[0]) if outside else 0)
        share = (sum(c * p for (_, c), p in zip(TABLE, post)) + strength * begun) / (total + strength)
        new = [x for f in m + u for x in f] + [share]
        if max(abs(a - b) for a, b in zip(old, new)) < 1e-9:
            break
    return m, u, share, n + 1


for strength, outside in ((0, None), (50, None), (50, OUTSIDE)):
    m, u, share, rounds = em(strength, 2000, outside)
    print("strength", strength, "outside" if outside else "", "rounds", rounds, "share %.12f" % share)
    for f, name in enumerate(("name", "birth", "sex")):
        print("  m", name, " ".join("%.12f" % x for x in m[f]))
        print("  u", name, " ".join("%.12f" % x for x in u[f]))
    w = log2(m[0][2] / u[0][2]) + log2(m[1][3] / u[1][3]) + log2(m[2][1] / u[2][1])
    odds = share / (1 - share) * 2 ** w
    print("  weight of (2,3,1) %.9f chance %.9f" % (w, odds / (1 + odds)))
w = log2(.88 / .10) + log2(.90 / .03) + log2(.99 / .50)
print("by hand: exact name, exact birth, same sex %.9f" % w)
