/* The force call: forward through the layers, then the adjoint back through them. */

/* Memory of one call, cut from one block; without a block it only counts. */
typedef struct {
    char *base;
    size_t used;
} memory;

static void *take(memory *m, size_t count, size_t size)
{
    void *place = m->base ? m->base + m->used : NULL;
    m->used += (count * size + 63) / 64 * 64;
    return place;
}

static float *floats(memory *m, size_t count) { return take(m, count, sizeof(float)); }

/* What the adjoint needs of a layer. */
typedef struct {
    float *x[DEGREES];           /* features in front of the convolution */
    float *gated[DEGREES];       /* what enters the gate */
    float *value, *slope;        /* activation of its scalars */
} state;

typedef struct {
    graph g;
    state layer[LAYERS];
    float *features[DEGREES], *message[DEGREES]; /* also their gradients, on the way back */
    float *ahead[DEGREES];       /* gradient with respect to x */
    float *radial, *radial_slope;
    float *edge_gradient;        /* with respect to the harmonics, by edge */
    float *length_gradient;      /* by edge */
} work;

static void arrange(work *w, memory *m, int64_t n, int64_t pairs)
{
    const size_t edges = 2 * pairs;
    w->g.atoms = n;
    w->g.pairs = pairs;
    w->g.first = take(m, n + 1, sizeof(int64_t));
    w->g.source = take(m, edges, sizeof(int32_t));
    w->g.pair = take(m, edges, sizeof(int32_t));
    w->g.sign = floats(m, edges);
    w->g.unit = take(m, 3 * pairs, sizeof(double));
    w->g.length = take(m, pairs, sizeof(double));
    w->g.row = take(m, pairs, sizeof(int32_t));
    w->g.order = take(m, pairs, sizeof(int32_t));
    w->g.spline = floats(m, 10 * pairs);
    w->g.coupling = floats(m, N_COUPLING * edges);
    for (int t = 0; t < LAYERS; t++) {
        const layer *s = &layers[t];
        for (int l = 0; l < DEGREES; l++) {
            w->layer[t].x[l] = floats(m, n * (2 * l + 1) * s->x[l]);
            w->layer[t].gated[l] = floats(m, n * (2 * l + 1) * s->gated[l]);
        }
        w->layer[t].value = floats(m, n * s->gated[0]);
        w->layer[t].slope = floats(m, n * s->gated[0]);
    }
    for (int l = 0; l < DEGREES; l++) {
        w->features[l] = floats(m, n * (2 * l + 1) * MOST_FEATURES);
        w->ahead[l] = floats(m, n * (2 * l + 1) * MOST_FEATURES);
        w->message[l] = floats(m, n * (2 * l + 1) * MOST_MESSAGE);
    }
    w->radial = floats(m, pairs * MOST_RADIAL);
    w->radial_slope = floats(m, pairs * MOST_RADIAL);
    w->edge_gradient = floats(m, edges * N_HARMONICS);
    w->length_gradient = floats(m, edges);
}

/* Bytes that evaluate() needs. */
int64_t workspace(int64_t n, int64_t pairs)
{
    work w;
    memory m = {NULL, 0};
    arrange(&w, &m, n, pairs);
    return (int64_t)m.used;
}

static void fill(int64_t rows, int n, const float *row, float *out)
{
    for (int64_t i = 0; i < rows; i++)
        memcpy(out + i * n, row, n * sizeof(float));
}

/* Features [degree] before the convolution and what the self-connection passes to the gate. */
static void enter(const graph *g, const layer *s, int t, const float *w, float *const *features,
                  state *now)
{
    const int64_t n = g->atoms;
    if (t == 0) { /* features depend on the element only: both maps are tables */
        for (int64_t i = 0; i < n; i++) {
            const int64_t z = g->species[i];
            memcpy(now->x[0] + i * s->x[0], w + SPECIES_BEFORE + z * s->x[0], s->x[0] * 4);
            memcpy(now->gated[0] + i * s->gated[0], w + SPECIES_BESIDE + z * s->gated[0],
                   s->gated[0] * 4);
        }
        return;
    }
    fill(n, s->x[0], w + s->before_bias, now->x[0]);
    fill(n, s->gated[0], w + s->behind_bias, now->gated[0]);
    for (int l = 0; l < DEGREES; l++) {
        const int64_t m = n * (2 * l + 1);
        if (!s->x[l])
            continue;
        product(m, s->x[l], s->x[l], features[l], w + s->before[l], now->x[l], l == 0);
        if (s->gated[l])
            product(m, s->x[l], s->gated[l], features[l], w + s->beside[l], now->gated[l], l == 0);
    }
}

/* The gate: scalars are activated, higher degrees multiplied by activated scalars. */
static void open_gate(int64_t n, const layer *s, state *now, float *const *features)
{
    const int scalars = s->gated[0];
    activate(n * scalars, ACTIVATION, now->gated[0], now->value, now->slope);
    for (int64_t i = 0; i < n; i++) {
        const float *gate = now->value + i * scalars;
        memcpy(features[0] + i * s->out[0], gate, s->out[0] * sizeof(float));
        gate += s->out[0];
        for (int l = 1; l < DEGREES; gate += s->gated[l++])
            for (int m = 0; m < 2 * l + 1; m++) {
                const int64_t at = (i * (2 * l + 1) + m) * s->gated[l];
                for (int u = 0; u < s->gated[l]; u++)
                    features[l][at + u] = now->gated[l][at + u] * gate[u];
            }
    }
}

/* Adjoint of the gate; `features` holds gradients behind it, now->gated receives those before. */
static void open_gate_adjoint(int64_t n, const layer *s, state *now, float *const *features)
{
    const int scalars = s->gated[0];
    for (int64_t i = 0; i < n; i++) {
        const float *gate = now->value + i * scalars + s->out[0];
        const float *slope = now->slope + i * scalars;
        float *out = now->gated[0] + i * scalars;
        for (int u = 0; u < s->out[0]; u++)
            out[u] = features[0][i * s->out[0] + u] * slope[u];
        out += s->out[0];
        slope += s->out[0];
        for (int l = 1; l < DEGREES; l++) {
            const int c = s->gated[l];
            memset(out, 0, c * sizeof(float));
            for (int m = 0; m < 2 * l + 1; m++) {
                const int64_t at = (i * (2 * l + 1) + m) * c;
                for (int u = 0; u < c; u++) {
                    const float back = features[l][at + u];
                    out[u] += back * now->gated[l][at + u];
                    now->gated[l][at + u] = back * gate[u];
                }
            }
            for (int u = 0; u < c; u++)
                out[u] *= slope[u];
            gate += c;
            out += c;
            slope += c;
        }
    }
}

static void forward(work *w, const float *weights, const float *tables)
{
    const int64_t n = w->g.atoms;
    for (int t = 0; t < LAYERS; t++) {
        const layer *s = &layers[t];
        state *now = &w->layer[t];
        enter(&w->g, s, t, weights, w->features, now);
        radial_values(&w->g, tables + s->table, s->n_radial, w->radial);
        s->convolve(&w->g, now->x, w->radial, w->message);
        for (int l = 0; l < DEGREES; l++)
            if (s->gated[l])
                product(n * (2 * l + 1), s->message[l], s->gated[l], w->message[l],
                        weights + s->behind[l], now->gated[l], t ? s->x[l] > 0 : l == 0);
        open_gate(n, s, now, w->features);
    }
}

static void backward(work *w, const float *weights, const float *tables)
{
    const int64_t n = w->g.atoms, edges = 2 * w->g.pairs;
    memset(w->edge_gradient, 0, edges * N_HARMONICS * sizeof(float));
    memset(w->length_gradient, 0, edges * sizeof(float));
    for (int t = LAYERS - 1; t >= 0; t--) {
        const layer *s = &layers[t];
        state *now = &w->layer[t];
        open_gate_adjoint(n, s, now, w->features);
        for (int l = 0; l < DEGREES; l++)
            if (s->gated[l])
                product(n * (2 * l + 1), s->gated[l], s->message[l], now->gated[l],
                        weights + s->behind_back[l], w->message[l], 0);
        for (int l = 0; l < DEGREES; l++)
            memset(w->ahead[l], 0, n * (2 * l + 1) * s->x[l] * sizeof(float));
        radial_slopes(&w->g, tables + s->table, s->n_radial, w->radial, w->radial_slope);
        s->convolve_adjoint(&w->g, now->x, w->radial, w->radial_slope, w->message, w->ahead,
                            w->edge_gradient, w->length_gradient);
        if (t == 0)
            return; /* in front lies the element, which has no gradient */
        for (int l = 0; l < DEGREES; l++) {
            const int64_t m = n * (2 * l + 1);
            if (!s->x[l])
                continue;
            product(m, s->x[l], s->x[l], w->ahead[l], weights + s->before_back[l], w->features[l], 0);
            if (s->gated[l])
                product(m, s->gated[l], s->x[l], now->gated[l], weights + s->beside_back[l],
                        w->features[l], 1);
        }
    }
}

/* Energies by atom and latent features; leaves the gradient of the scalars in w->features[0]. */
static void read_out(work *w, const float *weights, const double *scale_shift, double *energies,
                     double *latent)
{
    const float *v = weights + READOUT;
    memset(latent, 0, LATENT * sizeof(double));
    for (int64_t i = 0; i < w->g.atoms; i++) {
        const double *s = scale_shift + 2 * w->g.species[i];
        float *x = w->features[0] + i * LATENT;
        double sum = 0;
        for (int u = 0; u < LATENT; u++) {
            sum += (double)v[u] * x[u];
            latent[u] += s[0] * x[u];
            x[u] = (float)(s[0] * v[u]);
        }
        energies[i] = s[0] * sum + s[1];
    }
}

/* Forces and virial (sum of r ⊗ dE/dr) from the gradients of all edges. */
static void pull(const work *w, double *forces, double *virial)
{
    const graph *g = &w->g;
    memset(forces, 0, 3 * g->atoms * sizeof(double));
    memset(virial, 0, 9 * sizeof(double));
    for (int64_t i = 0; i < g->atoms; i++)
        for (int64_t e = g->first[i]; e < g->first[i + 1]; e++) {
            const double *unit = g->unit + 3 * g->pair[e], r = g->length[g->pair[e]];
            double u[3], gradient[3], along = 0;
            for (int k = 0; k < 3; k++)
                u[k] = g->sign[e] * unit[k];
            harmonics_adjoint(u[0], u[1], u[2], w->edge_gradient + N_HARMONICS * e, gradient);
            for (int k = 0; k < 3; k++)
                along += gradient[k] * u[k];
            for (int k = 0; k < 3; k++) {
                const double f = (gradient[k] - along * u[k]) / r + w->length_gradient[e] * u[k];
                forces[3 * i + k] += f;
                forces[3 * g->source[e] + k] -= f;
                for (int q = 0; q < 3; q++)
                    virial[3 * q + k] += r * u[q] * f;
            }
        }
}

/* One structure. `weights`, `tables`, `scale_shift` come from pack.py; `block` has workspace()
 * bytes, aligned to 64. */
void evaluate(int64_t n, int64_t pairs, const int32_t *species, const int32_t *first,
              const int32_t *second, const double *vector, const float *weights,
              const float *tables, const double *scale_shift, void *block_of_memory,
              double *energies, double *forces, double *virial, double *latent)
{
    work w;
    memory m = {block_of_memory, 0};
    arrange(&w, &m, n, pairs);
    w.g.species = species;
    connect(&w.g, first, second);
    geometry(&w.g, vector);
    forward(&w, weights, tables);
    read_out(&w, weights, scale_shift, energies, latent);
    backward(&w, weights, tables);
    pull(&w, forces, virial);
}
