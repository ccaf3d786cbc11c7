/* From pairs to edges, couplings and radial functions. */

/* Edges sorted by the atom that they point to: two a pair. */
static void connect(graph *g, const int32_t *first, const int32_t *second)
{
    memset(g->first, 0, (g->atoms + 1) * sizeof(int64_t));
    for (int64_t p = 0; p < g->pairs; p++) {
        g->first[first[p] + 1]++;
        g->first[second[p] + 1]++;
    }
    for (int64_t i = 0; i < g->atoms; i++)
        g->first[i + 1] += g->first[i];
    for (int64_t p = g->pairs - 1; p >= 0; p--) /* fill from the end of each atom's edges */
        for (int end = 0; end < 2; end++) {
            const int32_t to = end ? second[p] : first[p], from = end ? first[p] : second[p];
            const int64_t e = --g->first[to + 1];
            g->source[e] = from;
            g->pair[e] = (int32_t)p;
            g->sign[e] = end ? -1.0f : 1.0f;
        }
    /* each entry has moved to the start of its edges, one place too far up */
    for (int64_t i = 0; i < g->atoms; i++)
        g->first[i] = g->first[i + 1];
    g->first[g->atoms] = 2 * g->pairs;
}

/* A quintic spline on an interval, t in [0, 1), with coefficients c and their differences over the
 * step d is c_0 + sum of out[j] d_j, and its slope is the sum of out[5 + j] d_j, j = 0 … 4. */
static void basis(double t, double inverse_step, float *out)
{
    double b[6] = {1.0, 0, 0, 0, 0, 0}, above = 0.0;
    for (int d = 1; d <= 5; d++) {
        for (int j = d; j >= 0; j--)
            b[j] = ((j ? (t + d - j) * b[j - 1] : 0.0) + (j < d ? (j + 1 - t) * b[j] : 0.0)) / d;
        if (d == 4)
            for (int j = 0; j < 5; j++)
                out[5 + j] = (float)b[j];
    }
    for (int j = 4; j >= 0; j--) {
        above += b[j + 1];
        out[j] = (float)(above / inverse_step);
    }
}

static void geometry(graph *g, const double *vector)
{
    int64_t count[ROWS + 1];
    memset(count, 0, sizeof count);
    for (int64_t p = 0; p < g->pairs; p++) {
        const double *v = vector + 3 * p, r = sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
        g->length[p] = r;
        for (int k = 0; k < 3; k++)
            g->unit[3 * p + k] = v[k] / r;
        int s = SEGMENTS - 1;
        while (s > 0 && r < segments[s].start)
            s--;
        const double place = (r - segments[s].start) * segments[s].inverse_step;
        int k = place > 0 ? (int)place : 0;
        k = k < segments[s].intervals ? k : segments[s].intervals - 1;
        basis(place - k, segments[s].inverse_step, g->spline + 10 * p);
        g->row[p] = segments[s].row + k;
        count[g->row[p] + 1]++;
    }
    for (int k = 0; k < ROWS; k++)
        count[k + 1] += count[k];
    for (int64_t p = 0; p < g->pairs; p++)
        g->order[count[g->row[p]]++] = (int32_t)p;
    for (int64_t e = 0; e < 2 * g->pairs; e++) {
        double y[N_HARMONICS];
        float rounded[N_HARMONICS];
        const double *u = g->unit + 3 * g->pair[e], s = g->sign[e];
        harmonics(s * u[0], s * u[1], s * u[2], y);
        for (int b = 0; b < N_HARMONICS; b++)
            rounded[b] = (float)y[b];
        couple(rounded, g->coupling + N_COUPLING * e);
    }
}

/* Radial functions of every pair, [pair][function], and their slopes if asked for. A row of the
 * table is n coefficients and n differences. */
ALWAYS void interpolate(const graph *g, const float *table, int n, float *value, float *slope)
{
    for (int64_t k = 0; k < g->pairs; k++) {
        const int64_t p = g->order[k];
        const float *c = table + (int64_t)g->row[p] * 2 * n, *d = c + n, *b = g->spline + 10 * p;
        for (int u = 0; u < n; u += WIDTH) {
            vec sum = load(c + u), change = {0};
            for (int j = 0; j < 5; j++) {
                const vec difference = load(d + 2 * j * n + u);
                sum += b[j] * difference;
                if (slope)
                    change += b[5 + j] * difference;
            }
            store(value + p * n + u, sum);
            if (slope)
                store(slope + p * n + u, change);
        }
    }
}

static void radial_values(const graph *g, const float *table, int n, float *value)
{
    interpolate(g, table, n, value, NULL);
}

static void radial_slopes(const graph *g, const float *table, int n, float *value, float *slope)
{
    interpolate(g, table, n, value, slope);
}
