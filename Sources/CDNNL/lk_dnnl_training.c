#include <string.h>

#include "lk_dnnl_internal.h"

// Source, weights, bias (or NULL), destination of a pass: gradients of those it makes.
typedef struct {
    const lk_desc *source, *weights, *bias, *destination;
} descs;

#if DNNL_VERSION_MAJOR >= 3
typedef int candidates;

static dnnl_status_t first_pd(dnnl_primitive_desc_t *pd, lk_engine *engine_, const lk_convolution *s, lk_pass pass,
                              const descs *d, dnnl_primitive_desc_t forward, dnnl_primitive_attr_t attr,
                              candidates *unused) {
    (void)unused;
    const dnnl_engine_t engine = (dnnl_engine_t)engine_;
    const dnnl_dims_t strides = {s->stride, s->stride}, padding = {s->padding, s->padding}, dilation = {0, 0};
    const dnnl_alg_kind_t kind = s->algorithm == lk_direct ? dnnl_convolution_direct : dnnl_convolution_winograd;
    const const_dnnl_memory_desc_t bias = d->bias ? REF(d->bias) : NULL;
    switch (pass) {
    case lk_forward:
        return dnnl_convolution_forward_primitive_desc_create(pd, engine, dnnl_forward_training, kind, REF(d->source),
                                                              REF(d->weights), bias, REF(d->destination), strides,
                                                              dilation, padding, padding, attr);
    case lk_backward_data:
        return dnnl_convolution_backward_data_primitive_desc_create(pd, engine, kind, REF(d->source), REF(d->weights),
                                                                    REF(d->destination), strides, dilation, padding,
                                                                    padding, forward, attr);
    case lk_backward_weights:
        return dnnl_convolution_backward_weights_primitive_desc_create(pd, engine, kind, REF(d->source),
                                                                       REF(d->weights), bias, REF(d->destination),
                                                                       strides, dilation, padding, padding, forward,
                                                                       attr);
    }
    return dnnl_invalid_arguments;
}
static dnnl_status_t next_pd(dnnl_primitive_desc_t *pd, candidates *unused) {
    (void)unused;
    return dnnl_primitive_desc_next_impl(*pd);
}

static void clear_candidates(candidates *unused) { (void)unused; }
#else
typedef struct {
    dnnl_convolution_desc_t op;  // which the iterator refers to
    dnnl_primitive_desc_iterator_t iterator;
} candidates;

static dnnl_status_t first_pd(dnnl_primitive_desc_t *pd, lk_engine *engine, const lk_convolution *s, lk_pass pass,
                              const descs *d, dnnl_primitive_desc_t forward, dnnl_primitive_attr_t attr,
                              candidates *c) {
    const dnnl_dims_t strides = {s->stride, s->stride}, padding = {s->padding, s->padding};
    const dnnl_alg_kind_t kind = s->algorithm == lk_direct ? dnnl_convolution_direct : dnnl_convolution_winograd;
    const desc_ref bias = d->bias ? REF(d->bias) : NULL;
    dnnl_status_t status = dnnl_invalid_arguments;
    switch (pass) {
    case lk_forward:
        status = dnnl_convolution_forward_desc_init(&c->op, dnnl_forward_training, kind, REF(d->source),
                                                    REF(d->weights), bias, REF(d->destination), strides, padding, padding);
        break;
    case lk_backward_data:
        status = dnnl_convolution_backward_data_desc_init(&c->op, kind, REF(d->source), REF(d->weights),
                                                          REF(d->destination), strides, padding, padding);
        break;
    case lk_backward_weights:
        status = dnnl_convolution_backward_weights_desc_init(&c->op, kind, REF(d->source), REF(d->weights), bias,
                                                             REF(d->destination), strides, padding, padding);
        break;
    }
    if (status == dnnl_success)
        status = dnnl_primitive_desc_iterator_create(&c->iterator, &c->op, attr, (dnnl_engine_t)engine, forward);
    if (status != dnnl_success) return status;
    *pd = dnnl_primitive_desc_iterator_fetch(c->iterator);
    return *pd ? dnnl_success : dnnl_out_of_memory;
}

static dnnl_status_t next_pd(dnnl_primitive_desc_t *pd, candidates *c) {
    const dnnl_status_t status = dnnl_primitive_desc_iterator_next(c->iterator);
    if (status != dnnl_success) return status;
    dnnl_primitive_desc_destroy(*pd);
    *pd = dnnl_primitive_desc_iterator_fetch(c->iterator);
    return *pd ? dnnl_success : dnnl_out_of_memory;
}

static void clear_candidates(candidates *c) { dnnl_primitive_desc_iterator_destroy(c->iterator); }
#endif

// The library's first kernel, or its first fast one.
static dnnl_status_t convolution_pd(dnnl_primitive_desc_t *pd, lk_engine *engine, const lk_convolution *s, lk_pass pass,
                                    const descs *d, dnnl_primitive_desc_t forward, dnnl_primitive_attr_t attr,
                                    int any_kernel) {
    candidates c = {0};
    *pd = NULL;
    dnnl_status_t status = first_pd(pd, engine, s, pass, d, forward, attr, &c);
    while (status == dnnl_success && !any_kernel && !lk_is_fast(*pd))
        if (next_pd(pd, &c) != dnnl_success) status = dnnl_unimplemented;
    if (status != dnnl_success && *pd) {
        dnnl_primitive_desc_destroy(*pd);
        *pd = NULL;
    }
    clear_candidates(&c);
    return status;
}

lk_result lk_training_convolution_create(lk_primitive **primitive, lk_engine *engine, const lk_convolution *shape,
                                         lk_pass pass, const lk_desc *source, const lk_desc *destination, int has_bias,
                                         int any_kernel) {
    lk_desc weights, gradients, bias;
    int made = 0;
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t forward = NULL, pd = NULL;
    const lk_number number = lk_desc_number(destination);
    lk_result result = lk_init_weights(&weights, shape, number);
    if (result.status == 0) made = 1, result = lk_init_weights(&gradients, shape, lk_f32);
    if (result.status == 0) made = 2, result = lk_init_desc(&bias, &shape->destination.channels, 1, lk_layout_row_major, lk_f32);
    if (result.status == 0) made = 3, result = lk_create_attr(&attr, lk_linear);
    dnnl_status_t status = dnnl_success;
    const lk_desc *used_bias = has_bias ? &bias : NULL;
    if (result.status == 0 && pass != lk_forward) {
        // A hint that the library asks for.
        const descs d = {source, &weights, used_bias, destination};
        status = convolution_pd(&forward, engine, shape, lk_forward, &d, NULL, attr, any_kernel);
    }
    if (result.status == 0 && status == dnnl_success) {
        const descs d = {source, pass == lk_backward_weights ? &gradients : &weights,
                         pass == lk_backward_data ? NULL : used_bias, destination};
        status = convolution_pd(&pd, engine, shape, pass, &d, forward, attr, any_kernel);
    }
    if (result.status == 0) result = lk_finish(primitive, engine, pd, status, "dnnl_convolution");
    if (result.status == 0) (*primitive)->pass = pass;
    if (forward) dnnl_primitive_desc_destroy(forward);
    if (attr) dnnl_primitive_attr_destroy(attr);
    if (made > 2) lk_clear_desc(&bias);
    if (made > 1) lk_clear_desc(&gradients);
    if (made > 0) lk_clear_desc(&weights);
    return result;
}
