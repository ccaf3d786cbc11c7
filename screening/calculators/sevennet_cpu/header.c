/* Energy, forces and latent features of one structure with a network of the SevenNet family.
 *
 * The whole is one translation unit: this header, neighbours.c, what source.py writes for a network
 * (constants, harmonics, couplings), geometry.c, its convolutions and layers, and driver.c.
 * docs/force-call.md derives the formulas.
 *
 * Features of degree l are arrays [atom][m][channel]. A pair is two atoms (or an atom and its
 * image) closer than the cut-off, listed once; it makes two edges, one towards each end.
 */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Eight floats; where registers hold four, the compiler takes two of them. */
enum { WIDTH = 8 };
typedef float vec __attribute__((vector_size(4 * WIDTH)));
typedef float loose __attribute__((vector_size(4 * WIDTH), aligned(4), may_alias));

#define ALWAYS static inline __attribute__((always_inline))

ALWAYS vec load(const float *p) { return *(const loose *)p; }
ALWAYS void store(float *p, vec v) { *(loose *)p = v; }
ALWAYS void add(float *p, vec v) { store(p, load(p) + v); }

ALWAYS float total(vec v)
{
    return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

/* Pairs, and their edges sorted by the atom that they point to. */
typedef struct {
    int64_t atoms, pairs;
    const int32_t *species;
    int64_t *first;  /* edges of atom i: first[i] … first[i + 1] - 1 */
    int32_t *source; /* the neighbour, by edge */
    int32_t *pair;   /* by edge */
    float *sign;     /* by edge: direction is sign × that of the pair */
    double *unit;    /* direction from the first to the second atom, by pair */
    double *length;
    int32_t *row;    /* first table row, by pair */
    int32_t *order;  /* pairs by table row: neighbouring rows stay in the cache */
    float *spline;   /* 10 by pair: weights of five table rows, for values and for slopes */
    float *coupling; /* N_COUPLING by edge */
} graph;

/* exp(x), relative error below 2e-7: 2^n times a polynomial on |r| < ln(2)/2. */
ALWAYS float exponential(float x)
{
    x = x < -87.0f ? -87.0f : x;
    x = x > 88.0f ? 88.0f : x;
    const float round = 12582912.0f; /* 1.5 × 2^23: adding it leaves no fraction */
    const float n = (x * 1.44269504f + round) - round;
    const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    union { int32_t i; float f; } power = { ((int32_t)n + 127) << 23 };
    return (p * r * r + r + 1.0f) * power.f;
}

/* c·silu(z) and its derivative. */
static void activate(int64_t n, float c, const float *restrict z, float *restrict value,
                     float *restrict slope)
{
    for (int64_t i = 0; i < n; i++) {
        const float s = 1.0f / (1.0f + exponential(-z[i]));
        value[i] = c * z[i] * s;
        slope[i] = c * s * (1.0f + z[i] * (1.0f - s));
    }
}

/* `rows` × 16 block of a product: a is [rows][k], b a panel [k][16]. */
ALWAYS void block(int rows, int k, const float *a, const float *b, float *c, int n, int adds)
{
    vec low[6], high[6];
    for (int r = 0; r < rows; r++) {
        low[r] = adds ? load(c + r * n) : (vec){0};
        high[r] = adds ? load(c + r * n + WIDTH) : (vec){0};
    }
    for (int p = 0; p < k; p++) {
        const vec b0 = load(b + 16 * p), b1 = load(b + 16 * p + WIDTH);
        for (int r = 0; r < rows; r++) {
            low[r] += a[r * k + p] * b0;
            high[r] += a[r * k + p] * b1;
        }
    }
    for (int r = 0; r < rows; r++) {
        store(c + r * n, low[r]);
        store(c + r * n + WIDTH, high[r]);
    }
}

/* c [m][n] (+)= a [m][k] · b, with b as panels [n/16][k][16]. Twelve sums stay in registers. */
static void product(int64_t m, int k, int n, const float *restrict a, const float *restrict b,
                    float *restrict c, int adds)
{
    for (int j = 0; j < n; j += 16, b += 16 * k) {
        int64_t i = 0;
        for (; i + 6 <= m; i += 6)
            block(6, k, a + i * k, b, c + i * n + j, n, adds);
        const float *rest = a + i * k;
        float *out = c + i * n + j;
        switch (m - i) {
        case 5: block(5, k, rest, b, out, n, adds); break;
        case 4: block(4, k, rest, b, out, n, adds); break;
        case 3: block(3, k, rest, b, out, n, adds); break;
        case 2: block(2, k, rest, b, out, n, adds); break;
        case 1: block(1, k, rest, b, out, n, adds); break;
        }
    }
}

/* Whether this processor has the instructions that the library was compiled to. */
int runs_here(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi2");
#else
    return 1;
#endif
}
