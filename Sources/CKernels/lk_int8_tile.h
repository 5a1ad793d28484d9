// A convolution's inner loops, for one width of vectors. The including file says what the vectors are:
//
//   LANES       32-bit sums in a vector
//   ints, floats_  vector types
//   SUMS        of them that the registers hold, beside two weights and a pixel
//   SINGLE, PAIRED_1, PAIRED_2  the tiles: SIZE x SIZE taps, VECTORS, ROWS, COLUMNS
//   WIDEST, ...  the most columns of each
//
// and the operations below.
//
// A tile's sums stay in registers through all taps and channels; each step multiplies four channels of each pixel,
// broadcast, with those of one or two vectors of output channels. Two loads of weights and a broadcast a pixel feed two
// products a pixel, so the products are what it waits for. The weights of a block, read once a tile, lie in the second
// level cache.

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

INLINE ints quantised(ints sum, floats_ factor, floats_ offset, floats_ slope, floats_ zero) {
    floats_ value = multiply_add(to_floats(sum), factor, offset);
    value = greater_floats(value, multiply(value, slope));
    // Beyond 32 bits the conversion would give the least number.
    return to_ints(lesser_floats(add_floats(value, zero), all_floats(255)));
}

// Four pixels' sums become one vector of bytes whose 128-bit lanes hold four channels of the four pixels each: just as
// the planes want them.
INLINE void store_bytes(const lk_int8_convolution *c, uint8_t *to, const ints *sums, int step, int count, int channel) {
    const int left = c->channels - channel, planes = left < LANES ? (left + 3) / 4 : LANES / 4;
    const floats_ factor = load_floats(c->factors + channel), offset = load_floats(c->offsets + channel);
    const floats_ slope = all_floats(c->slope), zero = all_floats((float)c->zero_point);
    UNROLL for (int first = 0; first < count; first += 4) {
        const int pixels = count - first < 4 ? count - first : 4;
        ints values[4];
        UNROLL for (int i = 0; i < 4; i++) {
            values[i] = i < pixels ? quantised(sums[(first + i) * step], factor, offset, slope, zero) : values[0];
        }
        __m128i quads[LANES / 4];
        packed_bytes(values, quads);
        uint8_t *at = to + first * 4;
        UNROLL for (int plane = 0; plane < LANES / 4; plane++, at += c->destination.plane) {
            if (plane >= planes) break;
            if (pixels == 4) _mm_storeu_si128((__m128i *)at, quads[plane]);
            else store_some(at, quads[plane], pixels);
        }
    }
}

INLINE void store_floats(const lk_int8_convolution *c, float *to, const ints *sums, int step, int count, int channel) {
    const int left = c->channels - channel, channels = left < LANES ? left : LANES;
    const floats_ factor = load_floats(c->factors + channel), offset = load_floats(c->offsets + channel);
    const floats_ slope = all_floats(c->slope);
    const ptrdiff_t plane = (ptrdiff_t)c->width * c->height;
    UNROLL for (int i = 0; i < count; i++) {
        floats_ value = multiply_add(to_floats(sums[i * step]), factor, offset);
        float values[LANES];
        keep_floats(values, greater_floats(value, multiply(value, slope)));
        for (int k = 0; k < channels; k++) to[k * plane + i] = values[k];
    }
}

INLINE void tile(const lk_int8_convolution *c, const uint8_t *source, const int8_t *weights, int channel,
                 uint8_t *bytes, float *floats, const int size, const int vectors, const int rows, const int columns) {
    ints sums[SUMS];
    UNROLL for (int i = 0; i < rows * columns * vectors; i++) sums[i] = zeros();
    const ptrdiff_t row = c->source.row, plane = c->source.plane;
    const int quads = c->quads;
    for (int down = 0; down < size; down++) {
        const uint8_t *quad = source + down * row;
        for (int index = 0; index < quads; index++, quad += plane) {
            UNROLL for (int across = 0; across < size; across++) {
                const uint8_t *tap = quad + across * 4;
                // Else the compiler keeps pixels for the next tap and has no registers left for the sums.
                __asm__("" : "+r"(tap));
                ints weight[2];
                UNROLL for (int v = 0; v < vectors; v++) weight[v] = load_ints(weights + v * LANES * 4);
                weights += vectors * LANES * 4;
                UNROLL for (int y = 0; y < rows; y++) {
                    UNROLL for (int x = 0; x < columns; x++) {
                        int32_t four;
                        memcpy(&four, tap + y * row + x * 4, 4);
                        const ints pixel = all_ints(four);
                        UNROLL for (int v = 0; v < vectors; v++) {
                            ints *sum = &sums[(y * columns + x) * vectors + v];
                            *sum = add_products(*sum, pixel, weight[v]);
                        }
                    }
                }
            }
        }
    }
    // The greatest sum gives the greatest result: factors are positive and the activation rises.
    if (rows == 2) {
        UNROLL for (int x = 0; x < columns / 2; x++) {
            UNROLL for (int v = 0; v < vectors; v++) {
                const ints *top = &sums[2 * x * vectors + v], *bottom = top + columns * vectors;
                sums[x * vectors + v] = greater_ints(greater_ints(top[0], top[vectors]),
                                                     greater_ints(bottom[0], bottom[vectors]));
            }
        }
    }
    const int count = columns / rows;
    UNROLL for (int v = 0; v < vectors; v++) {
        const int first = channel + v * LANES;
        if (first >= c->channels) break;
        if (floats) store_floats(c, floats + (ptrdiff_t)v * LANES * c->width * c->height, sums + v, vectors, count, first);
        else store_bytes(c, bytes + v * (LANES / 4) * c->destination.plane, sums + v, vectors, count, first);
    }
}

typedef void tile_function(const lk_int8_convolution *c, const uint8_t *source, const int8_t *weights, int channel,
                           uint8_t *bytes, float *floats);
#define TILE(SIZE, VECTORS, ROWS, COLUMNS)                                                                          \
    static __attribute__((noinline)) void tile_##SIZE##_##VECTORS##_##ROWS##_##COLUMNS(                             \
        const lk_int8_convolution *c, const uint8_t *source, const int8_t *weights, int channel, uint8_t *bytes,    \
        float *floats) {                                                                                            \
        tile(c, source, weights, channel, bytes, floats, SIZE, VECTORS, ROWS, COLUMNS);                             \
    }
#define NAME(SIZE, VECTORS, ROWS, COLUMNS) tile_##SIZE##_##VECTORS##_##ROWS##_##COLUMNS,

SINGLE(TILE, 1, 1)
SINGLE(TILE, 1, 2)
SINGLE(TILE, 3, 1)
SINGLE(TILE, 3, 2)
PAIRED_1(TILE)
PAIRED_2(TILE)

// By the tile's columns less one; those of two rows by half of them.
static tile_function *const single[2][2][WIDEST] = {{{SINGLE(NAME, 1, 1)}, {SINGLE(NAME, 1, 2)}},
                                                    {{SINGLE(NAME, 3, 1)}, {SINGLE(NAME, 3, 2)}}};
static tile_function *const paired_1[WIDEST_PAIRED_1 / 2] = {PAIRED_1(NAME)};
static tile_function *const paired_2[WIDEST_PAIRED_2 / 2] = {PAIRED_2(NAME)};

void ROW(const lk_int8_convolution *c, const uint8_t *source, const int8_t *weights, int32_t channel, uint8_t *bytes,
         float *floats) {
    const int is_wide = c->channels - channel > LANES, unit = c->pools ? 2 : 1;
    tile_function *const *const functions = !c->pools ? single[c->size == 3][is_wide] : is_wide ? paired_2 : paired_1;
    const int widest = !c->pools ? WIDEST : is_wide ? WIDEST_PAIRED_2 : WIDEST_PAIRED_1;
    const int tiles = (c->width + widest - 1) / widest;
    // As equal as can be.
    for (int number = 0, done = 0; number < tiles; number++) {
        const int units = (c->width / unit - done + tiles - number - 1) / (tiles - number);
        functions[units - 1](c, source + done * unit * 4, weights, channel, bytes ? bytes + done * 4 : NULL,
                             floats ? floats + done : NULL);
        done += units;
    }
}
