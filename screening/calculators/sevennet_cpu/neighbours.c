/* Pairs closer than `cutoff`, in a cell of three independent vectors (rows) whose inverse is
 * given. Writes at most `room` of them and returns how many there are. Atoms may lie anywhere. */
int64_t neighbours(int64_t n, const double *position, const double *cell, const double *inverse,
                   const int32_t *periodic, double cutoff, int64_t room, int32_t *first,
                   int32_t *second, double *vector)
{
    double reach[3]; /* the cut-off in units of the distance between lattice planes */
    int64_t found = 0;
    for (int k = 0; k < 3; k++)
        reach[k] = cutoff * sqrt(inverse[k] * inverse[k] + inverse[3 + k] * inverse[3 + k] +
                                 inverse[6 + k] * inverse[6 + k]);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = i; j < n; j++) {
            double d[3];
            int low[3] = {0, 0, 0}, high[3] = {0, 0, 0};
            for (int k = 0; k < 3; k++)
                d[k] = position[3 * j + k] - position[3 * i + k];
            for (int k = 0; k < 3; k++)
                if (periodic[k]) {
                    const double f = d[0] * inverse[k] + d[1] * inverse[3 + k] + d[2] * inverse[6 + k];
                    low[k] = (int)ceil(-reach[k] - f);
                    high[k] = (int)floor(reach[k] - f);
                }
            for (int p = low[0]; p <= high[0]; p++)
                for (int q = low[1]; q <= high[1]; q++)
                    for (int r = low[2]; r <= high[2]; r++) {
                        /* of an atom and its images, one of two opposite ones */
                        if (i == j && (p < 0 || (p == 0 && (q < 0 || (q == 0 && r <= 0)))))
                            continue;
                        double v[3], square = 0;
                        for (int k = 0; k < 3; k++) {
                            v[k] = d[k] + p * cell[k] + q * cell[3 + k] + r * cell[6 + k];
                            square += v[k] * v[k];
                        }
                        if (square >= cutoff * cutoff)
                            continue;
                        if (found < room) {
                            first[found] = (int32_t)i;
                            second[found] = (int32_t)j;
                            memcpy(vector + 3 * found, v, sizeof v);
                        }
                        found++;
                    }
        }
    return found;
}
