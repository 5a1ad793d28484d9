// What the files of this target share.
#pragma once
#include "lk_dnnl.h"

#include <dnnl.h>

// The differences between the major versions, all of them in this target.
#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t desc_ref;
#define REF(desc) ((desc)->md)
#define APPEND_SUM(ops) dnnl_post_ops_append_sum(ops, 1, 0, dnnl_data_type_undef)
#else
typedef const dnnl_memory_desc_t *desc_ref;
#define REF(desc) (&(desc)->md)
#define APPEND_SUM(ops) dnnl_post_ops_append_sum(ops, 1)
#endif

struct lk_desc {
    dnnl_memory_desc_t md;
};

struct lk_primitive {
    dnnl_engine_t engine;
    dnnl_primitive_desc_t pd;
    dnnl_primitive_t primitive;
    int count;
    dnnl_exec_arg_t *args;  // owns the memory objects, not the data behind them
    lk_pass pass;
};

#define ok ((lk_result){0, ""})

#define TRY(function, ...)                                                 \
    do {                                                                   \
        dnnl_status_t status_ = function(__VA_ARGS__);                     \
        if (status_ != dnnl_success) return (lk_result){(int)status_, #function}; \
    } while (0)

lk_result lk_out_of_memory(void);
lk_result lk_init_desc(lk_desc *desc, const int64_t *dims, int ndims, lk_layout layout, lk_number number);
void lk_clear_desc(lk_desc *desc);
lk_result lk_create_attr(dnnl_primitive_attr_t *attr, lk_activation activation);
/// Takes over `pd`, and the status with which it was made.
lk_result lk_finish(lk_primitive **primitive, lk_engine *engine, dnnl_primitive_desc_t pd, dnnl_status_t status,
                    const char *call);
lk_result lk_init_image(lk_desc *desc, const lk_image_shape *shape, lk_number number);
lk_result lk_init_weights(lk_desc *desc, const lk_convolution *shape, lk_number number);
/// Whether the kernel's name begins with one of those the library writes at run time. The others, which it falls back
/// to, are slower by magnitudes.
int lk_is_fast(const_dnnl_primitive_desc_t pd);
