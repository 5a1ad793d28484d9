#define _GNU_SOURCE  // RTLD_DEFAULT
#include "lk_dnnl_internal.h"

#include <dlfcn.h>
#include <dnnl_debug.h>
#include <stdlib.h>
#include <string.h>

lk_result lk_out_of_memory(void) { return (lk_result){dnnl_out_of_memory, "malloc"}; }

// MARK: engine and stream

lk_result lk_engine_create(lk_engine **engine) {
    TRY(dnnl_engine_create, (dnnl_engine_t *)engine, dnnl_cpu, 0);
    return ok;
}

lk_result lk_stream_create(lk_stream **stream, lk_engine *engine) {
    TRY(dnnl_stream_create, (dnnl_stream_t *)stream, (dnnl_engine_t)engine, dnnl_stream_default_flags);
    return ok;
}

void lk_stream_destroy(lk_stream *stream) { dnnl_stream_destroy((dnnl_stream_t)stream); }

// MARK: descriptors

static dnnl_format_tag_t tag_of(lk_layout layout, int ndims) {
    static const dnnl_format_tag_t plain[] = {dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd, dnnl_abcde};
    switch (layout) {
    case lk_layout_any: return dnnl_format_tag_any;
    case lk_layout_row_major: return ndims >= 1 && ndims <= 5 ? plain[ndims - 1] : dnnl_format_tag_undef;
    case lk_layout_channels_last: return dnnl_nhwc;
    case lk_layout_blocked4: return dnnl_nChw4c;
    case lk_layout_blocked8: return dnnl_nChw8c;
    case lk_layout_blocked16: return dnnl_nChw16c;
    }
    return dnnl_format_tag_undef;
}

lk_result lk_init_desc(lk_desc *desc, const int64_t *dims, int ndims, lk_layout layout, lk_number number) {
    dnnl_format_tag_t tag = tag_of(layout, ndims);
    const dnnl_data_type_t type = number == lk_bf16 ? dnnl_bf16 : dnnl_f32;
    // oneDNN takes this for a tensor of no layout.
    if (tag == dnnl_format_tag_undef) return (lk_result){dnnl_invalid_arguments, "lk_desc_create"};
#if DNNL_VERSION_MAJOR >= 3
    TRY(dnnl_memory_desc_create_with_tag, &desc->md, ndims, dims, type, tag);
#else
    TRY(dnnl_memory_desc_init_by_tag, &desc->md, ndims, dims, type, tag);
#endif
    return ok;
}

void lk_clear_desc(lk_desc *desc) {
#if DNNL_VERSION_MAJOR >= 3
    dnnl_memory_desc_destroy(desc->md);
#else
    (void)desc;
#endif
}

lk_result lk_desc_create(lk_desc **desc, const int64_t *dims, int ndims, lk_layout layout, lk_number number) {
    lk_desc *made = malloc(sizeof *made);
    if (!made) return lk_out_of_memory();
    lk_result result = lk_init_desc(made, dims, ndims, layout, number);
    if (result.status != 0) {
        free(made);
        return result;
    }
    *desc = made;
    return ok;
}

void lk_desc_destroy(lk_desc *desc) {
    if (!desc) return;
    lk_clear_desc(desc);
    free(desc);
}

int lk_desc_equal(const lk_desc *a, const lk_desc *b) { return dnnl_memory_desc_equal(REF(a), REF(b)); }

lk_number lk_desc_number(const lk_desc *desc) {
#if DNNL_VERSION_MAJOR >= 3
    dnnl_data_type_t type = dnnl_f32;
    dnnl_memory_desc_query(desc->md, dnnl_query_data_type, &type);
    return type == dnnl_bf16 ? lk_bf16 : lk_f32;
#else
    return desc->md.data_type == dnnl_bf16 ? lk_bf16 : lk_f32;
#endif
}

size_t lk_desc_bytes(const lk_desc *desc) { return dnnl_memory_desc_get_size(REF(desc)); }

// What of a descriptor says where an element lies.
struct blocking {
    int inner_count;
    const dnnl_dim_t *strides, *inner_blocks, *inner_indices;
    dnnl_dim_t offset;
};

static int blocking_of(const lk_desc *desc, struct blocking *b) {
#if DNNL_VERSION_MAJOR >= 3
    int ndims = 0;
    dnnl_format_kind_t kind = dnnl_format_kind_undef;
    const dnnl_dim_t *strides, *blocks, *indices;
    if (dnnl_memory_desc_query(desc->md, dnnl_query_ndims_s32, &ndims) != dnnl_success || ndims != 4 ||
        dnnl_memory_desc_query(desc->md, dnnl_query_format_kind, &kind) != dnnl_success || kind != dnnl_blocked ||
        dnnl_memory_desc_query(desc->md, dnnl_query_strides, &strides) != dnnl_success ||
        dnnl_memory_desc_query(desc->md, dnnl_query_inner_nblks_s32, &b->inner_count) != dnnl_success ||
        dnnl_memory_desc_query(desc->md, dnnl_query_inner_blks, &blocks) != dnnl_success ||
        dnnl_memory_desc_query(desc->md, dnnl_query_inner_idxs, &indices) != dnnl_success ||
        dnnl_memory_desc_query(desc->md, dnnl_query_submemory_offset_s64, &b->offset) != dnnl_success)
        return 0;
    b->strides = strides;
    b->inner_blocks = blocks;
    b->inner_indices = indices;
#else
    const dnnl_memory_desc_t *md = &desc->md;
    if (md->ndims != 4 || md->format_kind != dnnl_blocked) return 0;
    const dnnl_blocking_desc_t *blocking = &md->format_desc.blocking;
    *b = (struct blocking){blocking->inner_nblks, blocking->strides, blocking->inner_blks, blocking->inner_idxs,
                           md->offset0};
#endif
    return 1;
}

int64_t lk_desc_offset(const lk_desc *desc, int64_t n, int64_t c, int64_t h, int64_t w) {
    struct blocking b;
    if (!blocking_of(desc, &b)) return -1;
    int64_t position[4] = {n, c, h, w}, offset = b.offset, inner_stride = 1;
    for (int i = b.inner_count - 1; i >= 0; i--) {
        int64_t block = b.inner_blocks[i], *p = &position[b.inner_indices[i]];
        offset += *p % block * inner_stride;
        *p /= block;
        inner_stride *= block;
    }
    for (int d = 0; d < 4; d++) offset += position[d] * b.strides[d];
    return offset;
}

int lk_desc_is_opaque(const lk_desc *desc) {
#if DNNL_VERSION_MAJOR >= 3
    dnnl_format_kind_t kind = dnnl_format_kind_undef;
    return dnnl_memory_desc_query(desc->md, dnnl_query_format_kind, &kind) != dnnl_success || kind != dnnl_blocked;
#else
    return desc->md.format_kind != dnnl_blocked;
#endif
}

// MARK: primitives

int lk_is_unimplemented(lk_result result) { return result.status == dnnl_unimplemented; }

// Returns 0 for lk_linear, which the library need not be told.
static int eltwise_of(lk_activation activation, dnnl_alg_kind_t *kind, float *alpha) {
    *alpha = 0;
    switch (activation) {
    case lk_linear: return 0;
    case lk_leaky: *kind = dnnl_eltwise_relu, *alpha = 0.1f; return 1;
    case lk_relu: *kind = dnnl_eltwise_relu; return 1;
    case lk_logistic: *kind = dnnl_eltwise_logistic; return 1;
    case lk_tanh: *kind = dnnl_eltwise_tanh; return 1;
    case lk_elu: *kind = dnnl_eltwise_elu, *alpha = 1; return 1;
    }
    return 0;
}

lk_result lk_create_attr(dnnl_primitive_attr_t *attr, lk_activation activation) {
    TRY(dnnl_primitive_attr_create, attr);
    // With the library's own scratchpad a primitive may run only on the thread that made it.
    TRY(dnnl_primitive_attr_set_scratchpad_mode, *attr, dnnl_scratchpad_mode_user);
    dnnl_alg_kind_t kind;
    float alpha;
    if (!eltwise_of(activation, &kind, &alpha)) return ok;
    dnnl_post_ops_t ops;
    TRY(dnnl_post_ops_create, &ops);
#if DNNL_VERSION_MAJOR >= 3
    dnnl_status_t status = dnnl_post_ops_append_eltwise(ops, kind, alpha, 0);
#else
    dnnl_status_t status = dnnl_post_ops_append_eltwise(ops, 1, kind, alpha, 0);
#endif
    if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(*attr, ops);
    dnnl_post_ops_destroy(ops);
    return status == dnnl_success ? ok : (lk_result){(int)status, "dnnl_post_ops_append_eltwise"};
}

lk_result lk_finish(lk_primitive **primitive, lk_engine *engine, dnnl_primitive_desc_t pd, dnnl_status_t status,
                    const char *call) {
    if (status != dnnl_success) return (lk_result){(int)status, call};
    lk_primitive *made = calloc(1, sizeof *made);
    if (!made) {
        dnnl_primitive_desc_destroy(pd);
        return lk_out_of_memory();
    }
    made->engine = (dnnl_engine_t)engine;
    made->pd = pd;
    status = dnnl_primitive_create(&made->primitive, pd);
    if (status != dnnl_success) {
        lk_primitive_destroy(made);
        return (lk_result){(int)status, "dnnl_primitive_create"};
    }
    *primitive = made;
    return ok;
}

lk_result lk_init_image(lk_desc *desc, const lk_image_shape *s, lk_number number) {
    const int64_t dims[4] = {s->batch, s->channels, s->height, s->width};
    return lk_init_desc(desc, dims, 4, lk_layout_any, number);
}

lk_result lk_init_weights(lk_desc *desc, const lk_convolution *s, lk_number number) {
    int64_t g = s->groups, in = s->source.channels / g, out = s->destination.channels / g;
    const int64_t grouped[5] = {g, out, in, s->size, s->size}, plain[4] = {out, in, s->size, s->size};
    return g > 1 ? lk_init_desc(desc, grouped, 5, lk_layout_any, number)
                 : lk_init_desc(desc, plain, 4, lk_layout_any, number);
}

static const char *kernel_of(const_dnnl_primitive_desc_t pd) {
    const char *name = "";
    dnnl_primitive_desc_query(pd, dnnl_query_impl_info_str, 0, &name);
    return name;
}

int lk_is_fast(const_dnnl_primitive_desc_t pd) {
    const char *kernel = kernel_of(pd);
    return strncmp(kernel, "jit", 3) == 0 || strncmp(kernel, "brg", 3) == 0;
}

static int is_wanted(const_dnnl_primitive_desc_t pd, const lk_convolution *s, int is_source_fixed) {
    if (s->algorithm == lk_winograd_4x4) return strstr(kernel_of(pd), "wino_4x3") != NULL;
    return !is_source_fixed || lk_is_fast(pd);
}

// The first of the library's kernels that is wanted.
static dnnl_status_t convolution_pd(dnnl_primitive_desc_t *pd, lk_engine *engine, const lk_convolution *s,
                                    const lk_desc *d /* source, weights, bias, destination */, int is_source_fixed,
                                    dnnl_primitive_attr_t attr) {
    const dnnl_dims_t strides = {s->stride, s->stride}, padding = {s->padding, s->padding};
    const dnnl_alg_kind_t kind = s->algorithm == lk_direct ? dnnl_convolution_direct : dnnl_convolution_winograd;
#if DNNL_VERSION_MAJOR >= 3
    const dnnl_dims_t dilation = {0, 0};
    dnnl_status_t status = dnnl_convolution_forward_primitive_desc_create(
        pd, (dnnl_engine_t)engine, dnnl_forward_inference, kind, REF(&d[0]), REF(&d[1]), REF(&d[2]), REF(&d[3]),
        strides, dilation, padding, padding, attr);
    if (status != dnnl_success) return status;
    while (!is_wanted(*pd, s, is_source_fixed)) {
        if (dnnl_primitive_desc_next_impl(*pd) == dnnl_success) continue;
        dnnl_primitive_desc_destroy(*pd);
        return dnnl_unimplemented;
    }
    return dnnl_success;
#else
    dnnl_convolution_desc_t op;
    dnnl_status_t status = dnnl_convolution_forward_desc_init(&op, dnnl_forward_inference, kind, REF(&d[0]), REF(&d[1]),
                                                              REF(&d[2]), REF(&d[3]), strides, padding, padding);
    if (status != dnnl_success) return status;
    dnnl_primitive_desc_iterator_t kernels = NULL;
    status = dnnl_primitive_desc_iterator_create(&kernels, &op, attr, (dnnl_engine_t)engine, NULL);
    if (status != dnnl_success) return status;
    do {
        *pd = dnnl_primitive_desc_iterator_fetch(kernels);
        if (!*pd) status = dnnl_out_of_memory;
        if (!*pd || is_wanted(*pd, s, is_source_fixed)) break;
        dnnl_primitive_desc_destroy(*pd);
        *pd = NULL;
        if (dnnl_primitive_desc_iterator_next(kernels) != dnnl_success) status = dnnl_unimplemented;
    } while (status == dnnl_success);
    dnnl_primitive_desc_iterator_destroy(kernels);
    return status;
#endif
}

lk_result lk_convolution_create(lk_primitive **primitive, lk_engine *engine, const lk_convolution *shape,
                                const lk_desc *source) {
    lk_desc d[4];
    int made = 0;
    dnnl_primitive_attr_t attr = NULL;
    lk_result result = lk_init_image(&d[0], &shape->source, lk_f32);
    if (result.status == 0) made = 1, result = lk_init_weights(&d[1], shape, lk_f32);
    if (result.status == 0) made = 2, result = lk_init_desc(&d[2], &shape->destination.channels, 1, lk_layout_row_major, lk_f32);
    if (result.status == 0) made = 3, result = lk_init_image(&d[3], &shape->destination, lk_f32);
    if (result.status == 0) made = 4, result = lk_create_attr(&attr, shape->activation);
    if (result.status == 0) {
        const lk_desc used[4] = {source ? *source : d[0], d[1], d[2], d[3]};
        dnnl_primitive_desc_t pd = NULL;
        dnnl_status_t status = convolution_pd(&pd, engine, shape, used, source != NULL, attr);
        result = lk_finish(primitive, engine, pd, status, "dnnl_convolution_forward");
    }
    if (attr) dnnl_primitive_attr_destroy(attr);
    while (made > 0) lk_clear_desc(&d[--made]);
    return result;
}

static dnnl_status_t eltwise_pd(dnnl_primitive_desc_t *pd, lk_engine *engine, const lk_desc *tensor,
                                dnnl_alg_kind_t kind, float alpha, dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_eltwise_forward_primitive_desc_create(pd, (dnnl_engine_t)engine, dnnl_forward_inference, kind,
                                                      REF(tensor), REF(tensor), alpha, 0, attr);
#else
    dnnl_eltwise_desc_t op;
    dnnl_status_t status = dnnl_eltwise_forward_desc_init(&op, dnnl_forward_inference, kind, REF(tensor), alpha, 0);
    if (status != dnnl_success) return status;
    return dnnl_primitive_desc_create(pd, &op, attr, (dnnl_engine_t)engine, NULL);
#endif
}

lk_result lk_activation_create(lk_primitive **primitive, lk_engine *engine, const lk_desc *tensor,
                               lk_activation activation) {
    dnnl_alg_kind_t kind;
    float alpha;
    if (!eltwise_of(activation, &kind, &alpha)) return (lk_result){dnnl_invalid_arguments, "lk_activation_create"};
    dnnl_primitive_attr_t attr = NULL;
    lk_result result = lk_create_attr(&attr, lk_linear);
    if (result.status == 0) {
        dnnl_primitive_desc_t pd = NULL;
        dnnl_status_t status = eltwise_pd(&pd, engine, tensor, kind, alpha, attr);
        result = lk_finish(primitive, engine, pd, status, "dnnl_eltwise_forward");
    }
    if (attr) dnnl_primitive_attr_destroy(attr);
    return result;
}

static dnnl_status_t pooling_pd(dnnl_primitive_desc_t *pd, lk_engine *engine, const lk_desc *source,
                                const lk_pooling *s, const lk_desc *destination, dnnl_primitive_attr_t attr) {
    const dnnl_alg_kind_t kind = s->average ? dnnl_pooling_avg_exclude_padding : dnnl_pooling_max;
    const dnnl_dims_t kernel = {s->kernel_height, s->kernel_width}, strides = {s->stride, s->stride};
    const dnnl_dims_t before = {s->pad_top, s->pad_left}, after = {s->pad_bottom, s->pad_right};
#if DNNL_VERSION_MAJOR >= 3
    const dnnl_dims_t dilation = {0, 0};
    return dnnl_pooling_forward_primitive_desc_create(pd, (dnnl_engine_t)engine, dnnl_forward_inference, kind,
                                                      REF(source), REF(destination), strides, kernel, dilation, before,
                                                      after, attr);
#else
    dnnl_pooling_desc_t op;
    dnnl_status_t status = dnnl_pooling_forward_desc_init(&op, dnnl_forward_inference, kind, REF(source),
                                                          REF(destination), strides, kernel, before, after);
    if (status != dnnl_success) return status;
    return dnnl_primitive_desc_create(pd, &op, attr, (dnnl_engine_t)engine, NULL);
#endif
}

lk_result lk_pooling_create(lk_primitive **primitive, lk_engine *engine, const lk_desc *source,
                            const lk_pooling *shape) {
    lk_desc destination;
    lk_result result = lk_init_image(&destination, &shape->destination, lk_f32);
    if (result.status != 0) return result;
    dnnl_primitive_attr_t attr = NULL;
    result = lk_create_attr(&attr, lk_linear);
    if (result.status == 0) {
        dnnl_primitive_desc_t pd = NULL;
        dnnl_status_t status = pooling_pd(&pd, engine, source, shape, &destination, attr);
        result = lk_finish(primitive, engine, pd, status, "dnnl_pooling_forward");
    }
    if (attr) dnnl_primitive_attr_destroy(attr);
    lk_clear_desc(&destination);
    return result;
}

lk_result lk_concat_create(lk_primitive **primitive, lk_engine *engine, const lk_desc *const *sources, int count,
                           const lk_desc *destination) {
    dnnl_memory_desc_t *list = calloc((size_t)count, sizeof *list);
    if (!list) return lk_out_of_memory();
    for (int i = 0; i < count; i++) list[i] = sources[i]->md;
    dnnl_primitive_attr_t attr = NULL;
    lk_result result = lk_create_attr(&attr, lk_linear);
    if (result.status == 0) {
        dnnl_primitive_desc_t pd = NULL;
#if DNNL_VERSION_MAJOR >= 3
        dnnl_status_t status = dnnl_concat_primitive_desc_create(&pd, (dnnl_engine_t)engine, REF(destination), count, 1,
                                                                 (const_dnnl_memory_desc_t *)list, attr);
#else
        dnnl_status_t status =
            dnnl_concat_primitive_desc_create(&pd, REF(destination), count, 1, list, attr, (dnnl_engine_t)engine);
#endif
        result = lk_finish(primitive, engine, pd, status, "dnnl_concat_primitive_desc_create");
    }
    if (attr) dnnl_primitive_attr_destroy(attr);
    free(list);
    return result;
}

static lk_result add_to_destination(dnnl_primitive_attr_t attr) {
    dnnl_post_ops_t ops;
    TRY(dnnl_post_ops_create, &ops);
    dnnl_status_t status = APPEND_SUM(ops);
    if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(attr, ops);
    dnnl_post_ops_destroy(ops);
    return status == dnnl_success ? ok : (lk_result){(int)status, "dnnl_post_ops_append_sum"};
}

lk_result lk_reorder_create(lk_primitive **primitive, lk_engine *engine, const lk_desc *source,
                            const lk_desc *destination, int adds) {
    dnnl_primitive_attr_t attr = NULL;
    lk_result result = lk_create_attr(&attr, lk_linear);
    if (result.status == 0 && adds) result = add_to_destination(attr);
    if (result.status == 0) {
        dnnl_primitive_desc_t pd = NULL;
        dnnl_status_t status = dnnl_reorder_primitive_desc_create(&pd, REF(source), (dnnl_engine_t)engine,
                                                                  REF(destination), (dnnl_engine_t)engine, attr);
        result = lk_finish(primitive, engine, pd, status, "dnnl_reorder_primitive_desc_create");
    }
    if (attr) dnnl_primitive_attr_destroy(attr);
    return result;
}

void lk_primitive_destroy(lk_primitive *primitive) {
    if (!primitive) return;
    for (int i = 0; i < primitive->count; i++) dnnl_memory_destroy(primitive->args[i].memory);
    free(primitive->args);
    if (primitive->primitive) dnnl_primitive_destroy(primitive->primitive);
    dnnl_primitive_desc_destroy(primitive->pd);
    free(primitive);
}

// MARK: memory and execution

static dnnl_query_t query_of(lk_pass pass, lk_role role) {
    switch (role) {
    case lk_source: return pass == lk_backward_data ? dnnl_query_diff_src_md : dnnl_query_src_md;
    case lk_weights:
    case lk_bias: return pass == lk_backward_weights ? dnnl_query_diff_weights_md : dnnl_query_weights_md;
    case lk_destination: return pass == lk_forward ? dnnl_query_dst_md : dnnl_query_diff_dst_md;
    case lk_scratchpad: return dnnl_query_scratchpad_md;
    }
    return dnnl_query_undef;
}

static desc_ref query(const lk_primitive *primitive, lk_role role, int index) {
    return dnnl_primitive_desc_query_md(primitive->pd, query_of(primitive->pass, role), role == lk_bias ? 1 : index);
}

lk_result lk_primitive_desc(const lk_primitive *primitive, lk_role role, int index, lk_desc **desc) {
    desc_ref found = query(primitive, role, index);
    if (!found) return (lk_result){dnnl_invalid_arguments, "dnnl_primitive_desc_query_md"};
    lk_desc *copy = malloc(sizeof *copy);
    if (!copy) return lk_out_of_memory();
#if DNNL_VERSION_MAJOR >= 3
    dnnl_status_t status = dnnl_memory_desc_clone(&copy->md, found);
    if (status != dnnl_success) {
        free(copy);
        return (lk_result){(int)status, "dnnl_memory_desc_clone"};
    }
#else
    copy->md = *found;
#endif
    *desc = copy;
    return ok;
}

static dnnl_primitive_kind_t kind_of(const lk_primitive *primitive) {
    dnnl_primitive_kind_t kind = dnnl_undefined_primitive;
    dnnl_primitive_desc_query(primitive->pd, dnnl_query_primitive_kind, 0, &kind);
    return kind;
}

const char *lk_primitive_kind(const lk_primitive *primitive) { return dnnl_prim_kind2str(kind_of(primitive)); }

const char *lk_primitive_kernel(const lk_primitive *primitive) { return kernel_of(primitive->pd); }

static int argument_of(const lk_primitive *primitive, lk_role role, int index) {
    const lk_pass pass = primitive->pass;
    switch (role) {
    case lk_source:
        if (pass == lk_backward_data) return DNNL_ARG_DIFF_SRC;
        return kind_of(primitive) == dnnl_concat ? DNNL_ARG_MULTIPLE_SRC + index : DNNL_ARG_SRC;
    case lk_weights: return pass == lk_backward_weights ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS;
    case lk_bias: return pass == lk_backward_weights ? DNNL_ARG_DIFF_BIAS : DNNL_ARG_BIAS;
    case lk_destination: return pass == lk_forward ? DNNL_ARG_DST : DNNL_ARG_DIFF_DST;
    case lk_scratchpad: return DNNL_ARG_SCRATCHPAD;
    }
    return 0;
}

lk_result lk_primitive_bind(lk_primitive *primitive, lk_role role, int index, void *data) {
    desc_ref desc = query(primitive, role, index);
    if (!desc) return (lk_result){dnnl_invalid_arguments, "dnnl_primitive_desc_query_md"};
    dnnl_exec_arg_t *args = realloc(primitive->args, ((size_t)primitive->count + 1) * sizeof *args);
    if (!args) return lk_out_of_memory();
    primitive->args = args;
    dnnl_memory_t memory = NULL;
    TRY(dnnl_memory_create, &memory, desc, primitive->engine, data);
    args[primitive->count++] = (dnnl_exec_arg_t){argument_of(primitive, role, index), memory};
    return ok;
}

lk_result lk_primitive_rebind(lk_primitive *primitive, lk_role role, int index, void *data) {
    const int argument = argument_of(primitive, role, index);
    for (int i = 0; i < primitive->count; i++) {
        if (primitive->args[i].arg != argument) continue;
        TRY(dnnl_memory_set_data_handle, primitive->args[i].memory, data);
        return ok;
    }
    return (lk_result){dnnl_invalid_arguments, "lk_primitive_rebind"};
}

lk_result lk_primitive_execute(const lk_primitive *primitive, lk_stream *stream) {
    TRY(dnnl_primitive_execute, primitive->primitive, (dnnl_stream_t)stream, primitive->count, primitive->args);
    TRY(dnnl_stream_wait, (dnnl_stream_t)stream);
    return ok;
}

// MARK: the library and its threads

int lk_set_threads(int count) {
    // Looked up, because which OpenMP runtime oneDNN brought along (libgomp, libomp, none) is only known in the process.
    void (*set_num_threads)(int);
    *(void **)&set_num_threads = dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    if (!set_num_threads) return 0;
    set_num_threads(count);
    return 1;
}

void lk_version(int *major, int *minor, int *patch) {
    const dnnl_version_t *version = dnnl_version();
    *major = version->major;
    *minor = version->minor;
    *patch = version->patch;
}

const char *lk_cpu_isa(void) { return dnnl_cpu_isa2str(dnnl_get_effective_cpu_isa()); }

const char *lk_status_name(int status) { return dnnl_status2str((dnnl_status_t)status); }
