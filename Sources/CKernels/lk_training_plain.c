#define FLAVOUR lk_training_plain_f32
#define LANES 1
#include "lk_training_flavour.h"
