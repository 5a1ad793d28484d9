#pragma once
#include "lk_augment.h"
#include "lk_int8.h"
#include "lk_optimiser.h"
#include "lk_peak.h"
#include "lk_sample.h"
#include "lk_threads.h"
#include "lk_training.h"
