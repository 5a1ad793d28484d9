// The part of oneDNN that inference and training need, the same for 2.x and 3.x.
//
// Why not import dnnl.h into Swift: the two major versions differ in nearly every call (operation descriptors, memory
// descriptors by value or by handle, the post-op's arity), Swift cannot see C's version macros, and all its handles
// arrive as one untyped pointer. Inference is float32 throughout. Every function that can fail says which call of oneDNN did.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// `status` is 0, or oneDNN's status of the failed `call` (a static string).
typedef struct {
    int status;
    const char *call;
} lk_result;

typedef struct lk_engine lk_engine;
typedef struct lk_stream lk_stream;
/// A tensor's shape and physical layout.
typedef struct lk_desc lk_desc;
/// One compiled operation with the memory bound to it.
typedef struct lk_primitive lk_primitive;

typedef enum {
    lk_layout_any,        // the primitive chooses
    lk_layout_row_major,  // NCHW, OIHW, GOIHW, or a vector
    lk_layout_channels_last,
    lk_layout_blocked4,  // nChw4c, nChw8c, nChw16c: channels in blocks, innermost
    lk_layout_blocked8,
    lk_layout_blocked16,
} lk_layout;

typedef enum { lk_f32, lk_bf16 } lk_number;

typedef enum { lk_linear, lk_leaky, lk_relu, lk_logistic, lk_tanh, lk_elu } lk_activation;

/// Backward, the tensors that a pass makes or is given gradients of keep their role's name: a `lk_backward_data` reads the
/// gradient of its destination and writes that of its source.
typedef enum { lk_source, lk_weights, lk_bias, lk_destination, lk_scratchpad } lk_role;

typedef enum { lk_forward, lk_backward_data, lk_backward_weights } lk_pass;

typedef struct {
    int64_t batch, channels, height, width;
} lk_image_shape;

typedef enum {
    lk_direct,
    lk_winograd,      // the library chooses the tile; 3 x 3 of stride 1 only, and no activation but lk_linear and lk_relu
    lk_winograd_4x4,  // likewise, computing tiles of 4 x 4 results
} lk_algorithm;

typedef struct {
    lk_image_shape source, destination;
    int64_t size, stride, padding, groups;
    lk_algorithm algorithm;
    lk_activation activation;
} lk_convolution;

typedef struct {
    lk_image_shape destination;
    int64_t kernel_height, kernel_width, stride;
    int64_t pad_top, pad_left, pad_bottom, pad_right;
    int average;  // else maximum; either way cells outside the image are left out
} lk_pooling;

lk_result lk_engine_create(lk_engine **engine);
lk_result lk_stream_create(lk_stream **stream, lk_engine *engine);
void lk_stream_destroy(lk_stream *stream);

/// `dims` has `ndims` extents, outermost first. The blocked layouts and channels_last take four.
lk_result lk_desc_create(lk_desc **desc, const int64_t *dims, int ndims, lk_layout layout, lk_number number);
void lk_desc_destroy(lk_desc *desc);
int lk_desc_equal(const lk_desc *a, const lk_desc *b);
lk_number lk_desc_number(const lk_desc *desc);
/// Bytes of memory, with the layout's padding.
size_t lk_desc_bytes(const lk_desc *desc);
/// Where element (n, c, h, w) lies, in elements from the start; -1 unless the layout is a plain or blocked one of four
/// extents.
int64_t lk_desc_offset(const lk_desc *desc, int64_t n, int64_t c, int64_t h, int64_t w);
/// Whether only the library can read the layout. Nothing can be copied out of it.
int lk_desc_is_opaque(const lk_desc *desc);

/// Whether the library has no kernel for what was asked, or only a reference kernel that is slower by magnitudes.
int lk_is_unimplemented(lk_result result);

/// Inference, with bias and the activation fused; weights and destination in layouts of the library's choice, and the
/// source as well if it is NULL. Unimplemented for some sources and for Winograd on many CPUs, never without both.
lk_result lk_convolution_create(lk_primitive **primitive, lk_engine *engine, const lk_convolution *shape,
                                const lk_desc *source);
/// In place.
lk_result lk_activation_create(lk_primitive **primitive, lk_engine *engine, const lk_desc *tensor,
                               lk_activation activation);
/// Destination in a layout of the library's choice.
lk_result lk_pooling_create(lk_primitive **primitive, lk_engine *engine, const lk_desc *source,
                            const lk_pooling *shape);
/// Along the channels.
lk_result lk_concat_create(lk_primitive **primitive, lk_engine *engine, const lk_desc *const *sources, int count,
                           const lk_desc *destination);
/// To what lies there already, if `adds`.
lk_result lk_reorder_create(lk_primitive **primitive, lk_engine *engine, const lk_desc *source,
                            const lk_desc *destination, int adds);
/// One pass of training, source and destination laid out as given, weights of the library's choice; their gradients are
/// float32. With a bias where `has_bias`: float32, in the forward pass added, in backward_weights its gradient; in
/// backward_data there is none. The activation must be lk_linear. Unimplemented where the library has no fast kernel and
/// `any_kernel` is not given.
lk_result lk_training_convolution_create(lk_primitive **primitive, lk_engine *engine, const lk_convolution *shape,
                                         lk_pass pass, const lk_desc *source, const lk_desc *destination, int has_bias,
                                         int any_kernel);
void lk_primitive_destroy(lk_primitive *primitive);

/// What the primitive expects at `role`; `index` counts a concat's sources and is 0 elsewhere.
lk_result lk_primitive_desc(const lk_primitive *primitive, lk_role role, int index, lk_desc **desc);
/// Memory at `role`, laid out as `lk_primitive_desc` says. It must outlive the primitive's executions.
lk_result lk_primitive_bind(lk_primitive *primitive, lk_role role, int index, void *data);
/// Other memory in place of what was bound.
lk_result lk_primitive_rebind(lk_primitive *primitive, lk_role role, int index, void *data);
/// Runs with what is bound; returns when done.
lk_result lk_primitive_execute(const lk_primitive *primitive, lk_stream *stream);
/// What it does, for example "convolution", and the kernel that does it, for example "jit:avx512_core". Valid as long as
/// the primitive.
const char *lk_primitive_kind(const lk_primitive *primitive);
const char *lk_primitive_kernel(const lk_primitive *primitive);
/// Sets OpenMP's number of threads for work that the calling thread starts. 0 if the process has no OpenMP runtime.
int lk_set_threads(int count);

void lk_version(int *major, int *minor, int *patch);
/// As oneDNN names it, for example "cpu_isa_avx512_core_vnni".
const char *lk_cpu_isa(void);
const char *lk_status_name(int status);
