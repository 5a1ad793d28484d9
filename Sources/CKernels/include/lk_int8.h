// Inference in 8-bit integers: convolutions, poolings and copies of whole networks, on several threads.
//
// Why not oneDNN: its int8 kernels reach 94 % of the peak in the deep layers but half of it in the first, where the
// requantising, the storing and the pooling behind it cost more than the products; it adds up what zero points need
// at every step, which a border that holds the zero point makes a constant. Measured with oneDNN 2.6.3 on a Zen 5, one
// core, yolov2-voc at 416 x 416: 38 ms, with these 34; yolo-lite 3.6 and 2.1.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// What computes the sums of products.
typedef enum {
    lk_int8_portable,     // plain C, for comparison
    lk_int8_avx_vnni,     // 256 bits: CPUs with VNNI and without AVX-512
    lk_int8_avx512_vnni,  // 512 bits
} lk_int8_kernel;

/// The fastest of this CPU; `lk_int8_portable`, which is slow, if it has no instructions for this.
lk_int8_kernel lk_int8_best(void);
int lk_int8_is_supported(lk_int8_kernel kernel);
/// Output channels that are computed together. Weights, factors and offsets are padded with zeros to whole blocks.
int32_t lk_int8_block(lk_int8_kernel kernel);

/// Unsigned bytes: images x channels / 4 x rows x columns x 4, so that four channels of neighbouring pixels follow each
/// other. Strides in bytes.
typedef struct {
    uint8_t *pixels;  // the first inside the border
    ptrdiff_t row, plane, image;
} lk_int8_tensor;

/// 3 x 3 or 1 x 1, stride 1, the size kept. A 3 x 3 reads a border of one pixel, which holds the zero point.
///
/// result = activation(sum of products * factor + offset), per channel; activation(x) = max(x, slope * x).
/// As bytes it is rounded to nearest, `zero_point` added, and saturated.
typedef struct {
    lk_int8_kernel kernel;
    int32_t images, width, height;
    int32_t quads;     // of input channels, four each
    int32_t channels;  // of the result
    int32_t size;      // 1 or 3
    lk_int8_tensor source;
    const int8_t *weights;  // blocks x rows x quads x columns x channels of a block x 4
    const float *factors, *offsets;
    float slope;
    int32_t zero_point;
    int32_t pools;               // only the greatest of each 2 x 2 results is kept; size is 3, width and height even
    lk_int8_tensor destination;  // bytes, if `floats` is NULL
    int32_t border;              // the destination's border is filled with the zero point
    float *floats;               // images x channels x rows x columns
} lk_int8_convolution;

/// The greatest of size x size values; those outside of the source do not count.
typedef struct {
    int32_t images, planes;
    int32_t width, height;                // of the source
    int32_t result_width, result_height;  // of the destination
    int32_t size, stride, before;         // `before`: rows and columns of the first window that are outside
    lk_int8_tensor source, destination;
    int32_t border, zero_point;
} lk_int8_pooling;

/// Moves bytes: a reorg, or a slice of channels that its producer could not write in place.
typedef struct {
    int32_t images, planes, width, height;  // of the destination
    const int32_t *offsets;                 // from the source's first pixel: planes x rows x columns x 4
    lk_int8_tensor source, destination;
    int32_t border, zero_point;
} lk_int8_gathering;

typedef struct {
    enum { lk_int8_convolve, lk_int8_pool, lk_int8_gather } kind;
    int32_t reads_input;  // the source is the caller's images
    union {
        lk_int8_convolution convolution;
        lk_int8_pooling pooling;
        lk_int8_gathering gathering;
    };
} lk_int8_step;

typedef struct lk_int8_network lk_int8_network;

/// Copies `steps`; what they point to must outlive the network. NULL if there is no memory.
lk_int8_network *lk_int8_create(const lk_int8_step *steps, int32_t count, int32_t threads);
void lk_int8_destroy(lk_int8_network *network);
/// Runs the steps in order on the network's threads, which are OpenMP's: one if the process has no OpenMP runtime.
///
/// `images`: the first pixels (inside the border) of each input image. `seconds`: NULL, or room for each step's time.
void lk_int8_run(lk_int8_network *network, const uint8_t *const *images, double *seconds);

/// Packs weights that lie as channels x inputs x size x size, block after block, with zeros where channels or inputs are
/// padded. `packed` has lk_int8_packed_count bytes.
size_t lk_int8_packed_count(lk_int8_kernel kernel, int32_t channels, int32_t inputs, int32_t size);
void lk_int8_pack(lk_int8_kernel kernel, const int8_t *weights, int32_t channels, int32_t inputs, int32_t size,
                  int8_t *packed);
